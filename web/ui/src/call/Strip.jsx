// A canvas on the call's time axis: what draws gets { ctx, width, height,
// range, x(t), colour(name) }. It shares crosshair and zoom with all charts:
// drag to zoom, double-click back.
//
// label: for those who do not see it. onPoint({ t, x, y, width, within }) is
// told where the pointer is (null: left); within: ms of six pixels.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { colour, onTheme } from '../core/theme.js';
import { GUTTER, plotWidth, tOf, xOf } from './axis.js';

const REACH_PX = 6;
const LEAST_DRAG_PX = 5;

export function Strip({ time, height, draw, label, onPoint, onPress, kind }) {
	const box = useRef(null);
	const canvas = useRef(null);
	const line = useRef(null);
	const select = useRef(null);
	const now = useRef({});

	now.current = { draw, height, onPoint, onPress };
	useLayoutEffect(() => watch(box.current, () => paint(canvas.current, time, now),
		time, line.current), [time]);
	useLayoutEffect(() => paint(canvas.current, time, now));
	useEffect(() => pointer(box.current, select.current, time, now), [time]);
	return (
		<div class={`strip ${kind ?? ''}`} ref={box} style={{ height: `${height}px` }}>
			<canvas ref={canvas} role="img" aria-label={label} />
			<i class="select" ref={select} hidden />
			<i class="cursor" ref={line} hidden />
		</div>
	);
}

function paint(canvas, time, now) {
	const width = canvas.parentElement.clientWidth, { height, draw } = now.current;
	const ratio = devicePixelRatio || 1;
	const { range } = time.get();
	const ctx = canvas.getContext('2d');

	if (canvas.width !== Math.round(width * ratio) ||
	    canvas.height !== Math.round(height * ratio)) {
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
	}
	ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
	ctx.clearRect(0, 0, width, height);
	draw({ ctx, width, height, range, colour, x: (t) => xOf(t, range, width) });
}

/* Draws again when size, theme or what is shown change; moves the crosshair. */
function watch(box, repaint, time, line) {
	const seen = new ResizeObserver(repaint);
	const themed = onTheme(repaint);
	const ended = time.subscribe((state, changed) => {
		if (changed.range || changed.full)
			repaint();
		moveLine(line, state, box.clientWidth);
	});

	seen.observe(box);
	return () => {
		seen.disconnect();
		themed();
		ended();
	};
}

function moveLine(line, { cursor, range }, width) {
	const there = cursor !== null && cursor >= range[0] && cursor <= range[1];

	line.hidden = !there;
	if (there)
		line.style.left = `${xOf(cursor, range, width)}px`;
}

/* Hover, drag and double click. */
function pointer(box, select, time, now) {
	let from = null;

	const xIn = (event) => event.clientX - box.getBoundingClientRect().left;
	const at = (x) => tOf(x, time.get().range, box.clientWidth);

	function point(event) {
		const x = xIn(event), { range } = time.get();

		return {
			t: at(x), x, y: event.clientY - box.getBoundingClientRect().top,
			width: box.clientWidth,
			within: REACH_PX / plotWidth(box.clientWidth) * (range[1] - range[0]),
		};
	}
	function moved(event) {
		time.setCursor(at(xIn(event)));
		now.current.onPoint?.(point(event));
		if (from !== null)
			showSelection(select, from, xIn(event), box.clientWidth);
	}
	function pressed(event) {
		if (event.button === 0 && xIn(event) >= GUTTER.left)
			from = xIn(event);
	}
	function released(event) {
		const start = from;

		select.hidden = true;
		from = null;
		if (start === null)
			return;
		if (Math.abs(xIn(event) - start) >= LEAST_DRAG_PX)
			time.setRange(at(start), at(xIn(event)));
		else
			now.current.onPress?.(point(event));
	}
	function left() {
		time.setCursor(null);
		now.current.onPoint?.(null);
	}
	function cancelled() {
		from = null;
		select.hidden = true;
	}
	const back = () => time.reset();
	const handlers = [['pointermove', moved], ['pointerdown', pressed],
		['pointerleave', left], ['dblclick', back]];

	for (const [name, fn] of handlers)
		box.addEventListener(name, fn);
	addEventListener('pointerup', released);
	addEventListener('pointercancel', cancelled);
	return () => {
		for (const [name, fn] of handlers)
			box.removeEventListener(name, fn);
		removeEventListener('pointerup', released);
		removeEventListener('pointercancel', cancelled);
	};
}

function showSelection(select, from, to, width) {
	const left = Math.max(GUTTER.left, Math.min(from, to));
	const right = Math.min(width - GUTTER.right, Math.max(from, to));

	select.hidden = false;
	select.style.left = `${left}px`;
	select.style.width = `${Math.max(0, right - left)}px`;
}
