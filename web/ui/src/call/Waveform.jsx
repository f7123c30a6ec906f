// Both sides as waveforms on the call's time axis, with digits and losses.
import { useState } from 'preact/hooks';
import { Strip } from './Strip.jsx';
import { plotWidth, GUTTER, timeLabel, xOf } from './axis.js';
import { columns } from './wav_peaks.js';

const HALF = 44, GAP = 4, TOP = 14;
const sides = ['a', 'b'];

/* sound: what loadSound() gives, with `at`: ms of its first sample on the
 * axis. losses: { a: runs, b: runs }. onSeek(seconds of the file). */
export function Waveform({ sound, muted, digits, losses, head, time, onSeek }) {
	const [hover, setHover] = useState(null);

	function point(at) {
		setHover(at && timeLabel(at.t, 1));
	}

	return (
		<figure class="waveform">
			<figcaption>
				Sound <span class="unit">above caller, below callee; click to play from
				there</span>
				<span class="readout">{hover}</span>
			</figcaption>
			<Strip time={time} height={TOP + 2 * HALF + GAP} onPoint={point} kind="sound"
				label={`Waveforms of both sides, ${sound.seconds.toFixed(1)} seconds`}
				onPress={({ t }) => onSeek((t - sound.at) / 1000)}
				draw={(to) => draw(to, sound, muted, digits, losses, head)} />
		</figure>
	);
}

function draw(to, sound, muted, digits, losses, head) {
	sides.forEach((side, channel) => {
		if (sound.peaks[channel])
			wave(to, sound, channel, muted[channel]);
		for (const run of losses[side] ?? [])
			loss(to, run, channel);
	});
	marks(to, digits);
	playhead(to, sound.at + head * 1000);
}

function wave({ ctx, width, range, colour }, sound, channel, muted) {
	const pixels = Math.floor(plotWidth(width));
	const middle = TOP + channel * (HALF + GAP) + HALF / 2;
	const list = columns(sound.peaks[channel], sound.part_s,
		(range[0] - sound.at) / 1000, (range[1] - sound.at) / 1000, pixels);

	ctx.fillStyle = colour(channel === 0 ? '--a' : '--b');
	ctx.font = '11px system-ui, sans-serif';
	ctx.fillText(sides[channel], 4, middle + 4);
	ctx.globalAlpha = muted ? 0.25 : 1;
	list.forEach((pair, i) => {
		if (!pair)
			return;
		const top = middle - pair[1] * HALF / 2;

		ctx.fillRect(GUTTER.left + i, top, 1,
			Math.max(1, (pair[1] - pair[0]) * HALF / 2));
	});
	ctx.globalAlpha = 1;
}

/* Lost packets as red along the foot of their side. */
function loss({ ctx, width, range, x, colour }, run, channel) {
	const left = Math.max(xOf(range[0], range, width), x(run.t));
	const right = Math.min(xOf(range[1], range, width),
		Math.max(x(run.t + (run.ms ?? 0)), x(run.t) + 2));

	if (right <= left)
		return;
	ctx.fillStyle = colour('--bad');
	ctx.fillRect(left, TOP + channel * (HALF + GAP) + HALF - 4, right - left, 4);
}

function marks({ ctx, height, range, x, colour }, digits) {
	ctx.fillStyle = colour('--text');
	ctx.font = '11px system-ui, sans-serif';
	for (const d of digits) {
		if (d.t < range[0] || d.t > range[1])
			continue;
		ctx.fillRect(x(d.t), TOP - 2, 1, height - TOP);
		ctx.fillText(d.digit, x(d.t) + 3, 10);
	}
}

function playhead({ ctx, height, range, x, colour }, t) {
	if (t < range[0] || t > range[1])
		return;
	ctx.fillStyle = colour('--accent');
	ctx.fillRect(x(t) - 1, 0, 2, height);
}
