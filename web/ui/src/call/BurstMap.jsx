// The burst map: a lane for each stream, a mark for each run of lost packets,
// as high as the run is long; with changes of codec and DSCP, and digits.
import { useState } from 'preact/hooks';
import { Strip } from './Strip.jsx';
import { timeLabel, xOf } from './axis.js';
import { inRange, longestRun, lossSummary, markHeight, runAt, runText } from './losses.js';
import { dscpText } from './stream_rows.js';

const LANE = 34, GAP = 6, TOP = 14;

export function BurstMap({ timeline, streams, looks, digits, taps, time }) {
	const [hover, setHover] = useState(null);
	const most = longestRun(streams);
	const height = TOP + streams.length * (LANE + GAP);
	const laneAt = (y) => streams[Math.floor((y - TOP) / (LANE + GAP))];

	function point(at) {
		const stream = at && laneAt(at.y);

		setHover(stream ? textAt(stream, looks, digits, at, timeline) : null);
	}

	if (streams.length === 0)
		return null;
	return (
		<figure class="burst-map">
			<figcaption>
				Lost packets
				<span class="unit">height: packets in a row, up to {most}</span>
				<span class="readout">{hover}</span>
			</figcaption>
			<Strip time={time} height={height} onPoint={point} kind="losses"
				label={`Lost packets over time. ${streams.map((s) =>
					`${looks[s.stream_uid].name}: ${lossSummary(s.losses)}`).join('; ')}.`}
				draw={(to) => draw(to, streams,
					{ looks, digits, taps, most, step_ms: timeline.step_ms })} />
		</figure>
	);
}

function textAt(stream, looks, digits, { t, within }, timeline) {
	const name = looks[stream.stream_uid].name;
	const run = runAt(stream.losses, t, within);
	const change = [...changesOf(stream), ...digitsOf(stream, digits)]
		.find((c) => Math.abs(c.t - t) <= within);

	if (run)
		return `${name} lost ${runText(run)} at ${timeLabel(run.t, 1)}`;
	if (change)
		return `${name}: ${change.long} at ${timeLabel(change.t, 1)}`;
	return timeline.source === 'slices' ? `${name}: runs are not kept in slices` : null;
}

/* Codec and DSCP after the first ones. */
export function changesOf(stream) {
	const codecs = stream.codecs.slice(1).map((c) => ({
		t: c.t, text: c.codec ?? `type ${c.payload_type}`,
		long: `codec becomes ${c.codec ?? `payload type ${c.payload_type}`}`,
	}));
	const marks = stream.dscp.slice(1).map((d) => ({
		t: d.t, text: `DSCP ${d.dscp}`, long: `DSCP becomes ${dscpText(d.dscp)}`,
	}));

	return [...codecs, ...marks];
}

/* Digits of the stream's side, or of nobody known. */
function digitsOf(stream, digits) {
	return digits.filter((d) => d.stream === stream.stream_uid)
		.map((d) => ({ t: d.t, text: d.digit, long: d.text }));
}

function draw({ ctx, width, range, x, colour }, streams,
	{ looks, digits, taps, most, step_ms }) {
	ctx.font = '11px system-ui, sans-serif';
	ctx.textBaseline = 'alphabetic';
	streams.forEach((stream, n) => {
		const bottom = TOP + n * (LANE + GAP) + LANE;

		for (const tap of taps[stream.stream_uid])
			tapLost(ctx, tap, bottom, width, x, range, colour);
		lane(ctx, stream, looks[stream.stream_uid], bottom, width, x, range, colour,
			step_ms);
		marks(ctx, stream, bottom, x, range, most, colour, width);
		labels(ctx, [...changesOf(stream), ...digitsOf(stream, digits)], bottom, x,
			range, colour);
	});
}

/* Where the receiver has what the tap misses. */
function tapLost(ctx, tap, bottom, width, x, range, colour) {
	const left = Math.max(xOf(range[0], range, width), x(tap.from));
	const right = Math.min(xOf(range[1], range, width), x(tap.to));

	if (right <= left)
		return;
	ctx.fillStyle = colour('--hover');
	ctx.fillRect(left, bottom - LANE + 2, right - left, LANE - 2);
	ctx.fillStyle = colour('--muted');
	ctx.fillText('the tap lost packets here', left + 4, bottom - LANE + 12,
		right - left - 8);
}

/* Where the stream was seen, and whose it is. */
function lane(ctx, stream, look, bottom, width, x, range, colour, step_ms) {
	const first = stream.t[0] ?? 0, last = (stream.t.at(-1) ?? 0) + step_ms;
	const left = Math.max(xOf(range[0], range, width), x(first));
	const right = Math.min(xOf(range[1], range, width), x(last));

	ctx.fillStyle = colour(look.colour);
	ctx.fillText(look.side === 'x' ? '?' : look.side, 4, bottom - 2);
	ctx.globalAlpha = 0.5;
	if (right > left)
		ctx.fillRect(left, bottom, right - left, 2);
	ctx.globalAlpha = 1;
}

function marks(ctx, stream, bottom, x, range, most, colour, width) {
	const edge = xOf(range[1], range, width);

	ctx.fillStyle = colour('--bad');
	for (const run of inRange(stream.losses, range)) {
		const h = markHeight(run.lost, most, LANE - 6);
		const left = Math.max(xOf(range[0], range, width), x(run.t));
		const w = Math.max(2, x(run.t + (run.ms ?? 0)) - x(run.t));

		ctx.fillRect(left, bottom - h, Math.min(w, Math.max(1, edge - left)), h);
	}
}

function labels(ctx, list, bottom, x, range, colour) {
	for (const c of list) {
		if (c.t < range[0] || c.t > range[1])
			continue;
		ctx.fillStyle = colour('--text');
		ctx.fillRect(x(c.t), bottom - LANE + 2, 1, LANE);
		ctx.fillText(c.text, x(c.t) + 3, bottom - LANE + 10);
	}
}
