// When checks passed: a lane a pair, then DTLS and the first media, on the
// call's time axis.
import { useState } from 'preact/hooks';
import { Strip } from './Strip.jsx';
import { timeLabel } from './axis.js';
import { markAt, setupRange } from './checks.js';
import { TimeAxis, ZoomButtons } from './TimeAxis.jsx';

const LANE = 30, TOP = 2;
const signs = {
	request: 'a check', answer: 'its answer', error: 'an error',
	nomination: 'a nomination', dtls: 'DTLS', media: 'first media',
};

export function CheckLanes({ lanes, time }) {
	const [hover, setHover] = useState(null);
	const height = TOP + lanes.length * LANE;
	const setup = setupRange(lanes);

	function point(at) {
		const lane = at && lanes[Math.floor((at.y - TOP) / LANE)];
		const mark = lane && markAt(lane, at.t, at.within);

		setHover(mark ? `${timeLabel(mark.t, 1)} ${mark.text}` : lane?.label ?? null);
	}

	if (lanes.length === 0)
		return null;
	return (
		<figure class="lanes charts">
			<figcaption>
				Checks over time
				<span class="readout">{hover}</span>
			</figcaption>
			<ZoomButtons time={time} />
			{setup && (
				<p class="zoom-to">
					<button type="button" onClick={() => time.setRange(...setup)}>
						Show the setup only
					</button>
				</p>
			)}
			<TimeAxis time={time} />
			<Strip time={time} height={height} onPoint={point} kind="checks"
				label={`Checks over time. ${lanes.map((l) =>
					`${l.label}: ${l.marks.length} marks`).join('; ')}.`}
				draw={(to) => draw(to, lanes)} />
			<Key />
		</figure>
	);
}

/* The marks' shapes are told apart without colour, too. */
function draw({ ctx, width, range, x, colour }, lanes) {
	ctx.font = '10px system-ui, sans-serif';
	ctx.textBaseline = 'alphabetic';
	lanes.forEach((lane, n) => {
		const y = TOP + n * LANE + LANE - 9;

		ctx.strokeStyle = colour('--line');
		ctx.lineWidth = 1;
		ctx.beginPath();
		ctx.moveTo(0, y + 7.5);
		ctx.lineTo(width, y + 7.5);
		ctx.stroke();
		ctx.fillStyle = colour(lane.selected ? '--text' : '--muted');
		ctx.fillText((lane.selected ? '● ' : '') + lane.label, 4, y - 9, width - 8);
		for (const mark of lane.marks)
			if (mark.t >= range[0] && mark.t <= range[1])
				shape(ctx, mark, x(mark.t), y, colour);
	});
}

const hues = { a: '--a', b: '--b' };

function shape(ctx, mark, x, y, colour) {
	const hue = colour(mark.kind === 'error' ? '--bad' : hues[mark.side] ?? '--muted');

	ctx.fillStyle = hue;
	ctx.strokeStyle = hue;
	ctx.lineWidth = 1.5;
	ctx.beginPath();
	if (mark.kind === 'request') {
		ctx.moveTo(x, y - 5);
		ctx.lineTo(x, y + 5);
		ctx.stroke();
	} else if (mark.kind === 'answer') {
		ctx.arc(x, y, 3, 0, 7);
		ctx.stroke();
	} else if (mark.kind === 'nomination') {
		ctx.arc(x, y, 4, 0, 7);
		ctx.fill();
	} else if (mark.kind === 'error') {
		ctx.moveTo(x - 4, y - 4);
		ctx.lineTo(x + 4, y + 4);
		ctx.moveTo(x + 4, y - 4);
		ctx.lineTo(x - 4, y + 4);
		ctx.stroke();
	} else {
		ctx.moveTo(x - 4, y + 4);
		ctx.lineTo(x, y - 4);
		ctx.lineTo(x + 4, y + 4);
		ctx.closePath();
		ctx.fill();
	}
}

function Key() {
	const shapes = {
		request: '|', answer: '○', nomination: '●', error: '✕', dtls: '▲',
	};

	return (
		<ul class="ice-legend">
			{Object.entries(shapes).map(([kind, sign]) => (
				<li key={kind}><b aria-hidden="true">{sign}</b> {kind === 'dtls' ?
					'DTLS, first media' : signs[kind]}</li>
			))}
			<li><b class="side-a">blue</b> by a, <b class="side-b">amber</b> by b</li>
		</ul>
	);
}
