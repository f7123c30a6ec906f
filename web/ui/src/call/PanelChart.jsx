// One measure over the call's time, by uPlot, on the shared axis.
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { colour, onTheme } from '../core/theme.js';
import { GUTTER } from './axis.js';
import { nearestAt, panelData, valueAt, yRange } from './panels.js';
import { useTime } from './use_time.js';

const HEIGHT = 84;
const FONT = '11px system-ui, sans-serif';
const MOST_POINTS = 1500;

export function PanelChart({ panel, timeline, streams, looks, time }) {
	const { range } = useTime(time, 'range');
	const { data, series } = useMemo(
		() => panelData(panel, timeline, streams, { range, most: MOST_POINTS }),
		[panel, timeline, streams, range]);
	const box = useRef(null);
	const plot = useRef(null);
	const now = useRef(null);
	const shape = series.map((s) => s.stream.stream_uid + s.rtcp).join();

	now.current = { panel, data, series, looks, time };
	useLayoutEffect(() => {
		if (series.length === 0)
			return undefined;
		return live(box.current, plot, now);
	}, [shape, time]);
	useEffect(() => {
		if (!plot.current)
			return;
		plot.current.setData(data, false);
		plot.current.setScale('x', { min: range[0], max: range[1] });
	}, [data, range]);
	if (series.length === 0)
		return null;
	return (
		<figure class="panel-chart" data-panel={panel.id} role="img"
			aria-label={describe(panel, data, series, looks)}>
			<figcaption>
				{panel.title}{panel.unit && <span class="unit">{panel.unit}</span>}
				<Readout panel={panel} data={data} series={series} looks={looks}
					time={time} step_ms={timeline.step_ms} />
			</figcaption>
			<div ref={box} />
		</figure>
	);
}

/* Names, and the values under the crosshair. */
function Readout({ panel, data, series, looks, time, step_ms }) {
	const { cursor, range } = useTime(time, 'cursor', 'range');
	const within = (range[1] - range[0]) / 20;

	return (
		<span class="readout">
			{series.map((s, i) => {
				const value = cursor === null ? null : s.rtcp ?
					nearestAt(data[0], data[i + 1], cursor, within) :
					valueAt(data[0], data[i + 1], cursor, step_ms);

				return (
					<span key={s.stream.stream_uid + s.rtcp}
						style={{ color: `var(${looks[s.stream.stream_uid].colour})` }}>
						<i class={s.rtcp ? 'point' : 'line'} aria-hidden="true" />
						{looks[s.stream.stream_uid].name}{s.rtcp && ' RTCP'}
						<b>{cursor === null ? '' :
							value === null ? '–' : value.toFixed(panel.digits)}</b>
					</span>
				);
			})}
		</span>
	);
}

function describe(panel, data, series, looks) {
	const parts = series.map((s, i) => {
		const real = data[i + 1].filter((v) => v !== null && v !== undefined);
		const least = Math.min(...real), most = Math.max(...real);

		return `${looks[s.stream.stream_uid].name}${s.rtcp ? ' by RTCP' : ''}: ` +
			`${least.toFixed(panel.digits)} to ${most.toFixed(panel.digits)}`;
	});

	return `${panel.title}${panel.unit && ` (${panel.unit})`}. ${parts.join('; ')}.`;
}

/* Keeps a plot for as long as the effect lives; returns what ends it. */
function live(element, plot, now) {
	const { time } = now.current;
	const draw = () => {
		plot.current?.destroy();
		plot.current = make(element, now.current);
		element.callscopePlot = plot.current;
	};
	const resized = new ResizeObserver(() => plot.current?.setSize({
		width: element.clientWidth, height: HEIGHT,
	}));
	const ended = time.subscribe((state, changed) =>
		changed.cursor && follow(plot.current, state));

	draw();
	const themed = onTheme(draw);

	resized.observe(element);
	return () => {
		themed();
		resized.disconnect();
		ended();
		plot.current?.destroy();
		plot.current = null;
	};
}

/* The crosshair of all panels is where the shared cursor is. */
function follow(u, { cursor, range }) {
	const there = cursor !== null && cursor >= range[0] && cursor <= range[1];

	u?.setCursor({ left: there ? u.valToPos(cursor, 'x') : -10,
		top: there ? 1 : -10 }, false);
}

function make(element, { panel, data, series, looks, time }) {
	const u = new uPlot(options(panel, series, looks, time, element.clientWidth),
		data, element);
	const [min, max] = time.get().range;

	u.setScale('x', { min, max });
	u.over.addEventListener('pointermove', (event) => time.setCursor(
		u.posToVal(event.clientX - u.over.getBoundingClientRect().left, 'x')));
	u.over.addEventListener('pointerleave', () => time.setCursor(null));
	return u;
}

function axis(more) {
	return {
		stroke: colour('--muted'), font: FONT, ticks: { show: false },
		grid: { stroke: colour('--line'), width: 1 }, ...more,
	};
}

/* Reports are rings without a line; steps last until the next. */
function line({ stream, rtcp }, looks) {
	const look = looks[stream.stream_uid];
	const stroke = colour(look.colour);

	return {
		label: look.name + (rtcp ? ' RTCP' : ''), stroke,
		width: rtcp ? 0 : 1.5, dash: rtcp ? undefined : look.dash,
		paths: rtcp ? () => null : uPlot.paths.stepped({ align: 1 }),
		spanGaps: false,
		points: rtcp ? { show: true, size: 7, width: 1.5, stroke, fill: colour('--surface') } :
			{ show: alone, size: 4, fill: stroke },
	};
}

/* Points only where so few are shown that a line alone would be missed. */
function alone(u, i, from, to) {
	return to - from < 3;
}

function options(panel, series, looks, time, width) {
	return {
		width: Math.max(width, 80), height: HEIGHT,
		padding: [6, GUTTER.right, 4, 0],
		legend: { show: false },
		scales: {
			x: { time: false, auto: false },
			y: { range: (u, low, high) => yRange(panel, low, high) },
		},
		axes: [
			axis({ size: 2, values: () => [] }),
			axis({ size: GUTTER.left, space: 22,
				values: (u, at) => at.map((v) => tick(v)) }),
		],
		series: [{}, ...series.map((s) => line(s, looks))],
		cursor: {
			y: false, points: { size: 5 },
			drag: { x: true, y: false, setScale: false, dist: 4 },
			bind: {
				dblclick: () => () => {
					time.reset();
					return null;
				},
			},
		},
		hooks: { setSelect: [(u) => selected(u, time)] },
	};
}

function tick(v) {
	return Number.isInteger(v) ? String(v) : v.toFixed(1);
}

function selected(u, time) {
	const { left, width } = u.select;

	if (width <= 0)
		return;
	const range = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')];

	u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
	time.setRange(range[0], range[1]);
}
