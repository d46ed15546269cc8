"""Where pictures come from and what is seen in them: the only users of cameras, video files and MediaPipe."""
