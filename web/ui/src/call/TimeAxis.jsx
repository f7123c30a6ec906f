// The ticks that all panels share, and the buttons that move the axis.
import { Strip } from './Strip.jsx';
import { ticks, timeLabel } from './axis.js';
import { useTime } from './use_time.js';

const HEIGHT = 20;

function drawTicks({ ctx, width, height, range, x, colour }) {
	const { step, at } = ticks(range, width);

	ctx.font = '11px system-ui, sans-serif';
	ctx.textBaseline = 'middle';
	ctx.fillStyle = colour('--muted');
	for (const t of at) {
		const text = timeLabel(t, step);
		const half = ctx.measureText(text).width / 2;

		ctx.fillText(text, Math.min(width - 2 * half, Math.max(0, x(t) - half)),
			height / 2);
	}
}

export function TimeAxis({ time }) {
	return <Strip time={time} height={HEIGHT} draw={drawTicks} kind="axis"
		label="Time since the call's start" />;
}

/* Zoom without a mouse. */
export function ZoomButtons({ time }) {
	const { range, full } = useTime(time, 'range', 'full');
	const whole = range[0] === full[0] && range[1] === full[1];

	return (
		<div class="zoom" role="group" aria-label="Time shown">
			<span class="muted">
				{timeLabel(range[0], range[1] - range[0] < 5000 ? 1 : 1000)} –{' '}
				{timeLabel(range[1], range[1] - range[0] < 5000 ? 1 : 1000)}
			</span>
			<button type="button" aria-label="Earlier" disabled={range[0] <= full[0]}
				onClick={() => time.pan(-0.5)}>←</button>
			<button type="button" aria-label="Later" disabled={range[1] >= full[1]}
				onClick={() => time.pan(0.5)}>→</button>
			<button type="button" aria-label="Zoom in"
				onClick={() => time.zoom(0.5)}>+</button>
			<button type="button" aria-label="Zoom out" disabled={whole}
				onClick={() => time.zoom(2)}>−</button>
			<button type="button" disabled={whole} onClick={() => time.reset()}>
				Whole call
			</button>
		</div>
	);
}
