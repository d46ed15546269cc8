"""Reports: pages that a person would rather look at than read.

Plots are drawn by uPlot (https://github.com/leeoniya/uPlot, MIT), a copy of which lies in `uplot/` and goes
into every page: 50 kB for curves of any length that zoom and take their colours from the page. What else is
alive weighs more than the rest of a report: ECharts 0.7 to 1.1 MB, Bokeh and Vega about 1 MB and a dozen
packages to install, Plotly 4.5 MB.
"""
