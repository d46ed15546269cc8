"use strict";
(() => {
  const root = document.documentElement;
  const ink = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const DASHES = {amber: [2, 4], red: [8, 4], severe: [14, 4, 2, 4]};
  const HEIGHT = {course: 320, bars: 240};
  const plots = [];

  const degrees = v => String(Math.round(v) + 0).replace("-", "−") + "°";
  const two = n => String(n).padStart(2, "0");
  const clock = s => {
    const t = Math.round(s), h = Math.floor(t / 3600), m = Math.floor(t / 60) % 60;
    return h ? `${h}:${two(m)}:${two(t % 60)}` : `${m}:${two(t % 60)}`;
  };
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const wallClock = s => {
    const d = new Date(s * 1000);
    const day = `${WEEKDAYS[d.getUTCDay()]} ${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
    return `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  };

  /* Times under the axis: hours within a day, days beyond, and the day once where it begins. */
  const WALL_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 604800, 1209600, 2592000];
  const wallTicks = (_, splits, __, ___, step) => {
    let day = null;
    return splits.map(s => {
      const d = new Date(s * 1000), date = `${WEEKDAYS[d.getUTCDay()]} ${d.getUTCDate()}`;
      if (step >= 86400) return date;
      const hour = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
      const first = date !== day;
      day = date;
      return first ? `${hour}\n${date}` : hour;
    });
  };

  const axis = more => ({
    stroke: () => ink("quiet"),
    grid: {stroke: () => ink("rule"), width: 1},
    ticks: {stroke: () => ink("rule"), width: 1},
    ...more,
  });

  /* Stretches of time behind the curve: hatched, dotted or tinted, so that no colour is needed. */
  function drawBands(u, bands) {
    const {ctx, bbox} = u, px = devicePixelRatio || 1;
    const least = bands.length < 100 ? px : 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const band of bands) {
      const left = u.valToPos(band.start, "x", true);
      const width = Math.max(u.valToPos(band.end, "x", true) - left, least);
      if (left > bbox.left + bbox.width || left + width < bbox.left) continue;
      if (band.kind === "other") {
        ctx.fillStyle = ink("other");
        ctx.fillRect(left, bbox.top + bbox.height - 6 * px, width, 6 * px);
        continue;
      }
      ctx.fillStyle = band.kind === "episode" ? ink("episode") : band.kind === "gap" ? ink("panel") : pattern(ctx, band.kind, px);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    ctx.restore();
  }

  function pattern(ctx, kind, px) {
    const tile = document.createElement("canvas"), size = Math.round(6 * px);
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.strokeStyle = pen.fillStyle = ink(kind);
    pen.lineWidth = px;
    if (kind === "away") {
      pen.moveTo(0, size); pen.lineTo(size, 0);
      pen.moveTo(-1, 1); pen.lineTo(1, -1);
      pen.moveTo(size - 1, size + 1); pen.lineTo(size + 1, size - 1);
      pen.stroke();
    } else {
      pen.fillRect(size / 2, size / 2, px, px);
    }
    return ctx.createPattern(tile, "repeat");
  }

  function drawLines(u, lines, upright) {
    const {ctx, bbox} = u, px = devicePixelRatio || 1;
    ctx.save();
    ctx.lineWidth = 1.5 * px;
    ctx.font = `${11 * px}px system-ui, sans-serif`;
    for (const line of lines) {
      const at = Math.round(u.valToPos(line.at, upright ? "x" : "y", true));
      ctx.strokeStyle = ink(line.kind);
      ctx.setLineDash((DASHES[line.kind] || []).map(n => n * px));
      ctx.beginPath();
      if (upright) {
        ctx.moveTo(at, bbox.top); ctx.lineTo(at, bbox.top + bbox.height);
      } else {
        ctx.moveTo(bbox.left, at); ctx.lineTo(bbox.left + bbox.width, at);
      }
      ctx.stroke();
    }
    ctx.restore();
  }

  function drawMarks(u, marks) {
    const {ctx, bbox} = u, px = devicePixelRatio || 1;
    ctx.save();
    ctx.fillStyle = ink("ink");
    let last = -Infinity;
    for (const at of marks) {
      const x = u.valToPos(at, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width || x - last < 6 * px) continue;
      last = x;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top); ctx.lineTo(x - 5 * px, bbox.top + 10 * px); ctx.lineTo(x + 5 * px, bbox.top + 10 * px);
      ctx.fill();
    }
    ctx.restore();
  }

  function course(figure, facts) {
    const holder = figure.querySelector(".plot");
    const [tools, moment, output] = [".tools", ".moment", "output"].map(s => figure.querySelector(s));
    const slider = moment.querySelector("input");
    const {x, y, words, vocabulary} = facts, last = x.length - 1;
    const time = facts.wall ? wallClock : clock;
    const low = Math.min(-10, ...facts.lines.map(l => l.at), y.reduce((a, v) => v === null ? a : Math.min(a, v), 0));
    const high = Math.max(45, y.reduce((a, v) => v === null ? a : Math.max(a, v), 0));

    const say = i => {
      if (i === null || i === undefined) return;
      const value = y[i] === null ? vocabulary[words[i]] : `${degrees(y[i])}, ${vocabulary[words[i]]}`;
      const during = facts.bands.filter(b => (b.kind === "episode" || b.kind === "other") && b.start <= x[i] && x[i] <= b.end);
      const text = [`${time(x[i])}: ${value}`, ...new Set(during.map(b => b.label))].join("; ");
      output.textContent = text;
      slider.value = i;
      slider.setAttribute("aria-valuetext", text);
    };
    const u = new uPlot({
      width: holder.clientWidth, height: HEIGHT.course,
      legend: {show: false},
      tzDate: ts => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
      scales: {x: {time: facts.wall}, y: {range: [Math.floor(low / 5) * 5, Math.ceil(high / 5) * 5]}},
      axes: [
        axis(facts.wall ? {incrs: WALL_STEPS, space: 56, values: wallTicks} : {incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200], values: (_, splits) => splits.map(clock)}),
        axis({size: 46, values: (_, splits) => splits.map(degrees)}),
      ],
      series: [{}, {stroke: () => ink("curve"), width: 1.75, points: {show: false}}],
      cursor: {y: false, drag: {x: true, y: false, dist: 5}, points: {fill: () => ink("curve")}},
      hooks: {
        drawClear: [u => drawBands(u, facts.bands)],
        draw: [u => { drawLines(u, facts.lines, false); drawMarks(u, facts.marks); }],
        setCursor: [u => say(u.cursor.idx)],
        setScale: [(u, key) => {
          if (key !== "x" || u.scales.x.min === undefined) return;
          slider.min = u.valToIdx(u.scales.x.min);
          slider.max = u.valToIdx(u.scales.x.max);
        }],
      },
    }, [x, y], holder);

    const show = (min, max) => {
      const span = Math.min(Math.max(max - min, (x[last] - x[0]) / 5000, facts.wall ? 300 : 2), x[last] - x[0]);
      const start = Math.min(Math.max((min + max - span) / 2, x[0]), x[last] - span);
      u.setScale("x", {min: start, max: start + span});
    };
    const actions = {
      in: (min, max, span) => show(min + span / 4, max - span / 4),
      out: (min, max, span) => show(min - span / 2, max + span / 2),
      earlier: (min, max, span) => show(min - span / 2, max - span / 2),
      later: (min, max, span) => show(min + span / 2, max + span / 2),
      all: () => show(x[0], x[last]),
    };
    tools.addEventListener("click", event => {
      const action = actions[event.target.dataset.do];
      const {min, max} = u.scales.x;
      if (action) action(min, max, max - min);
    });
    slider.addEventListener("input", () => {
      const i = Number(slider.value);
      u.setCursor({left: u.valToPos(x[i], "x"), top: u.over.clientHeight / 2}, false);
      say(i);
    });
    slider.max = last;
    say(0);
    tools.hidden = moment.hidden = false;
    return u;
  }

  function bars(figure, facts) {
    const holder = figure.querySelector(".plot"), n = facts.labels.length;
    return new uPlot({
      width: holder.clientWidth, height: HEIGHT.bars,
      legend: {show: false},
      scales: {x: {time: false, range: [-0.6, n - 0.4]}, y: {range: (_, __, max) => [0, (max || 1) * 1.08]}},
      axes: [
        axis({incrs: [1, 2, 3, 4, 5, 7, 10, 14, 20, 30], space: 44, grid: {show: false}, values: (_, splits) => splits.map(i => facts.labels[i] ?? "")}),
        axis({size: 60, values: (_, splits) => splits.map(v => v + facts.unit)}),
      ],
      series: [{}, {stroke: () => ink("curve"), fill: () => ink("curve"), width: 0, points: {show: false}, paths: uPlot.paths.bars({size: [0.8, 60]})}],
      cursor: {show: false},
      hooks: {draw: [u => drawLines(u, facts.lines, true)]},
    }, [facts.labels.map((_, i) => i), facts.y], holder);
  }

  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    const facts = JSON.parse(figure.querySelector("script").textContent);
    const kind = figure.dataset.plot;
    const u = (kind === "course" ? course : bars)(figure, facts);
    const holder = figure.querySelector(".plot");
    new ResizeObserver(() => {
      if (holder.clientWidth && holder.clientWidth !== u.width) u.setSize({width: holder.clientWidth, height: HEIGHT[kind]});
    }).observe(holder);
    plots.push(u);
  }
  for (const query of ["(prefers-color-scheme: dark)", "print"])
    matchMedia(query).addEventListener("change", () => plots.forEach(u => u.redraw(false, true)));
})();
