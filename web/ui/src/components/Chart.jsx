// A chart over time, by uPlot.
//
// data: [x, y, y...] with null for gaps (core/series.js).
// series: [{ label, colour ("--a"), dash, fill, bars, points }], one for each y.
// x: "time" (seconds since 1970) or "call" (ms since the call's start).
// sync: charts with the same key share crosshair and zoom.
// zoom: [min, max] or null; onZoom(range) when somebody drags or resets.
// range: [least, most] of y, either null; format(v), unit: how y is written.
// worse: "max" or "min": what survives where there are more points than pixels.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { describe, worst } from '../core/series.js';
import { onTheme } from '../core/theme.js';
import { chartOptions } from './chartOptions.js';

export function Chart(props) {
	const { title, series, data, height = 120, format = String, worse = 'max' } = props;
	const box = useRef(null);
	const plot = useRef(null);
	const now = useRef(props);
	const shape = JSON.stringify([series, props.sync, props.x, props.range, height]);

	now.current = props;
	useLayoutEffect(() => {
		const draw = () => {
			plot.current?.destroy();
			plot.current = make(box.current, now);
		};

		draw();
		const themed = onTheme(draw);
		const resized = watchWidth(box.current, plot, now);

		return () => {
			themed();
			resized();
			plot.current.destroy();
			plot.current = null;
		};
	}, [shape]);
	useEffect(() => {
		plot.current.setData(fitting(box.current, data, worse), false);
		setZoom(plot.current, now.current);
	}, [data]);
	useEffect(() => setZoom(plot.current, now.current),
		[props.zoom?.[0], props.zoom?.[1]]);

	return (
		<figure class="chart" role="img"
			aria-label={props.text ?? describe(title, series, data, format)}>
			<figcaption>
				{title}{props.unit && <span class="unit">{props.unit}</span>}
				<Legend series={series} />
			</figcaption>
			<div ref={box} />
		</figure>
	);
}

function Legend({ series }) {
	if (series.length < 2)
		return null;
	return (
		<span class="legend">
			{series.map((s) => (
				<span key={s.label}>
					<i style={{ background: `var(${s.colour})` }} />{s.label}
				</span>
			))}
		</span>
	);
}

/* At most two points a pixel. */
function fitting(element, data, worse) {
	return worst(data, Math.max(200, element.clientWidth * 2), worse);
}

function make(element, now) {
	const { data, worse = 'max' } = now.current;
	const options = chartOptions(now, element.clientWidth);
	const u = new uPlot(options, fitting(element, data, worse), element);

	setZoom(u, now.current);
	return u;
}

function watchWidth(element, plot, now) {
	const seen = new ResizeObserver(() => plot.current?.setSize({
		width: element.clientWidth, height: now.current.height ?? 120,
	}));

	seen.observe(element);
	return () => seen.disconnect();
}

function setZoom(u, { zoom, data, bounds }) {
	const xs = data[0];
	const whole = bounds ?? [xs[0], xs[xs.length - 1]];
	const [min, max] = zoom ?? whole;

	if (xs.length > 0 && (u.scales.x.min !== min || u.scales.x.max !== max))
		u.setScale('x', { min, max });
	else if (xs.length > 0)
		u.redraw();
}
