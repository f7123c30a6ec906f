// The timeline's arrays as columns for uPlot. Pure.
//
// A column is as long as x. In it `null` is a gap (nothing was measured there,
// and no line goes over it), `undefined` is only somebody else's moment.
import { sinceStart } from './time.js';

/* Moments of a stream's arrays with an explicit gap wherever a step is
 * missing: [[t, value | null]...], in order. A value stands for its whole step,
 * the last one's, too. */
export function pointsOf(t, values, step_ms) {
	const points = [];

	t.forEach((at, i) => {
		const next = t[i + 1] ?? Infinity;
		const ends = next - at > 1.5 * step_ms;

		points.push([at, values[i] ?? null]);
		if (ends)
			points.push([at + step_ms, values[i] ?? null]);
		if (ends && next !== Infinity)
			points.push([at + step_ms + 1, null]);
	});
	return points;
}

/* [x, column...] of lists of points; of two points of one list at one moment
 * the last counts. */
export function align(lists) {
	const x = [...new Set(lists.flatMap((points) => points.map(([at]) => at)))]
		.sort((p, q) => p - q);
	const index = new Map(x.map((at, i) => [at, i]));
	const columns = lists.map((points) => {
		const column = new Array(x.length).fill(undefined);

		for (const [at, value] of points)
			column[index.get(at)] = value;
		return column;
	});

	return [x, ...columns];
}

/* Which end of a panel's values is the bad one, and how it is written. */
export const panels = [
	{ id: 'mos', title: 'MOS', field: 'mos', unit: '', digits: 2,
	  range: [1, 5], worst: 'low' },
	{ id: 'loss', title: 'Loss', field: 'loss_pct', unit: '%', digits: 1,
	  least: 1, worst: 'high', rtcp: 'fraction_lost_pct' },
	{ id: 'jitter', title: 'Jitter', field: 'jitter_ms', instead: 'jitter_ms_max',
	  unit: 'ms', digits: 1,
	  least: 5, worst: 'high', rtcp: 'jitter_ms' },
	{ id: 'delta', title: 'Longest gap between packets', field: 'delta_ms_max',
	  unit: 'ms', digits: 0, least: 40, worst: 'high' },
	{ id: 'rtt', title: 'Round trip (RTCP)', field: null, unit: 'ms', digits: 1,
	  least: 1, worst: 'high', rtcp: 'rtt_ms' },
	{ id: 'bitrate', title: 'Bit rate', field: 'bitrate_kbps', unit: 'kbit/s',
	  digits: 0, least: 1, worst: 'low' },
];

/* A timeline whose moments count from the call's start (Unix time in ms),
 * wherever the server's count from: slices begin before the call. */
export function sinceCall(timeline, startMs) {
	const by = sinceStart(startMs, timeline.start) ?? 0;
	const moved = (list) => list.map((x) => ({ ...x, t: x.t + by }));

	if (by === 0)
		return timeline;
	return {
		...timeline, rtcp: moved(timeline.rtcp), checks: moved(timeline.checks),
		dtls: moved(timeline.dtls),
		streams: timeline.streams.map((s) => ({
			...s, t: s.t.map((t) => t + by), losses: moved(s.losses),
			codecs: moved(s.codecs), dscp: moved(s.dscp),
		})),
	};
}

/* RTCP reports about a stream as points of a field. */
export function rtcpPoints(timeline, stream_uid, field) {
	return timeline.rtcp
		.filter((r) => r.stream_uid === stream_uid &&
			r[field] !== null && r[field] !== undefined)
		.map((r) => [r.t, r[field]])
		.sort((p, q) => p[0] - q[0]);
}

/* The points in a range, with one more on either side, so that lines go on to
 * the edge. Points are in order. */
export function cut(points, [from, to]) {
	const first = points.findIndex(([t]) => t >= from);
	const behind = points.findIndex(([t]) => t > to);

	if (first < 0)
		return points.slice(-1);
	return points.slice(Math.max(0, first - 1),
		behind < 0 ? undefined : behind + 1);
}

/* A panel's values of a stream; slices have the greatest jitter only. */
function valuesOf(panel, stream) {
	const own = stream[panel.field];

	return own?.some((v) => v !== null) ? own : stream[panel.instead] ?? own;
}

/*
 * A panel's data: { data: [x, column...], series: [{stream, rtcp}] }; streams
 * are those of the timeline that are to be shown. Empty series (nothing
 * measured at all) are left out. Of a range with more than `most` points the
 * worst are kept.
 */
export function panelData(panel, timeline, streams,
	{ range = [-Infinity, Infinity], most = Infinity } = {}) {
	const series = [];
	const lists = [];

	function add(points, what) {
		if (!points.some(([, v]) => v !== null))
			return;
		lists.push(thin(cut(points, range), most, panel.worst));
		series.push(what);
	}

	for (const stream of streams) {
		const values = valuesOf(panel, stream);

		if (values)
			add(pointsOf(stream.t, values, timeline.step_ms),
				{ stream, rtcp: false });
	}
	for (const stream of streams) {
		if (panel.rtcp)
			add(rtcpPoints(timeline, stream.stream_uid, panel.rtcp),
				{ stream, rtcp: true });
	}
	return { data: align(lists), series };
}

/* [low, high] of y for a panel: what is there, never so narrow that noise
 * looks like a mountain. */
export function yRange(panel, low, high) {
	if (panel.range)
		return panel.range;
	const top = Math.max(high ?? 0, panel.least ?? 0);

	return [Math.min(0, low ?? 0), top * 1.15];
}

/* The value of a column at a moment: that of the last step that began there
 * or before, null in a gap. x is sorted. */
export function valueAt(x, column, at, step_ms) {
	let lo = 0, hi = x.length;

	while (lo < hi) {
		const mid = (lo + hi) >> 1;

		if (x[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (let i = lo - 1; i >= 0 && x[i] > at - 1.5 * step_ms; i--)
		if (column[i] !== undefined)
			return column[i];
	return null;
}

/* The report nearest to a moment, within a tenth of what is shown. */
export function nearestAt(x, column, at, within) {
	let best = null, distance = within;

	x.forEach((t, i) => {
		if (column[i] === undefined || column[i] === null)
			return;
		if (Math.abs(t - at) <= distance) {
			distance = Math.abs(t - at);
			best = column[i];
		}
	});
	return best;
}

/*
 * At most `most` points of a list, in each part of time the worst: of high the
 * largest, of low the smallest. Gaps stay gaps.
 */
export function thin(points, most, worst) {
	if (points.length <= most)
		return points;
	const size = Math.ceil(points.length / most);
	const out = [];

	for (let i = 0; i < points.length; i += size) {
		const part = points.slice(i, i + size);
		const real = part.filter(([, v]) => v !== null);

		if (real.length === 0) {
			out.push([part[0][0], null]);
			continue;
		}
		out.push(real.reduce((w, p) => {
			const worse = worst === 'low' ? p[1] < w[1] : p[1] > w[1];

			return worse ? p : w;
		}));
		if (part.at(-1)[1] === null)
			out.push(part.at(-1));
	}
	return out;
}
