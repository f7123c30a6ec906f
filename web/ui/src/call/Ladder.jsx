// Draws a ladder: heads that stay, one SVG, and what moves over it. All that is
// drawn once per layout is one piece of tree that hovering leaves alone.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { laneTitle } from './ladder_layout.js';
import { LadderRows } from './LadderRows.jsx';
import { timeColumn } from './ladder_text.js';
import { useTime } from './use_time.js';
import { useWidth } from './use_width.js';

const TIME_PX = 82;
const TIME_NARROW_PX = 76;
const LANE_MIN_PX = 132;
const LANE_NARROW_PX = 120;

/* Where lanes stand: x of each, and the whole width. */
export function places(lanes, width, narrow) {
	const left = narrow ? TIME_NARROW_PX : TIME_PX;
	const least = narrow ? LANE_NARROW_PX : LANE_MIN_PX;
	const gap = Math.max(least, Math.floor((width - left) / Math.max(lanes.length, 1)));

	return {
		left, gap, x: lanes.map((l, i) => Math.round(left + gap * (i + 0.5))),
		width: Math.max(width, left + gap * lanes.length),
	};
}

/* shift: ms that this ladder's call is behind the axis (a second leg). */
export function Ladder({ layout, mode, time, shift = 0, chosen = null, onChoose, onFold, onOffer,
	narrow, label = 'Messages and media' }) {
	const box = useRef(null);
	const width = useWidth(box);
	const at = useMemo(() => places(layout.lanes, width, narrow),
		[layout.lanes, width, narrow]);
	const drawn = useMemo(() => width > 0 && (
		<LadderRows layout={layout} at={at}
			times={timeColumn(layout.rows, mode, time.startMs)} />
	), [layout, at, mode, time]);

	useInView(box, layout, chosen, time, shift);
	return (
		<div class="ladder" ref={box} tabIndex={0} role="region" aria-label={label}>
			<Heads lanes={layout.lanes} at={at} />
			<svg width={at.width} height={layout.height} role="group" aria-label={label}
				{...handlers(layout, time, shift, { onChoose, onFold, onOffer })}>
				<Under layout={layout} at={at} time={time} chosen={chosen} shift={shift} />
				{drawn}
				<Cursor layout={layout} at={at} time={time} shift={shift} />
			</svg>
		</div>
	);
}

function rowOf(layout, event) {
	const index = event.target.closest?.('[data-row]')?.dataset.row;

	return index === undefined ? null : layout.rows[Number(index)];
}

function handlers(layout, time, shift, { onChoose, onFold, onOffer }) {
	function act(event) {
		const row = rowOf(layout, event);

		if (row?.kind === 'message')
			onChoose?.(row.index, row.leg);
		else if (row?.kind === 'offer')
			onOffer?.(row.offer);
		else if (row?.count > 0)
			onFold?.(row.id);
		else if (row?.kind === 'media')
			time.show({ label: row.label, stream: row.streams[0], from: row.t - shift,
				to: row.end - shift });
	}
	return {
		onClick: act,
		onKeyDown: (event) => {
			if (event.key !== 'Enter' && event.key !== ' ')
				return;
			event.preventDefault();
			event.stopPropagation();
			act(event);
		},
		onPointerMove: (event) => {
			const t = layout.tOf(event.clientY -
				event.currentTarget.getBoundingClientRect().top);

			time.setCursor(t === null ? null : t - shift);
		},
		onPointerLeave: () => time.setCursor(null),
	};
}

function Heads({ lanes, at }) {
	return (
		<div class="ladder-heads" style={{ width: `${at.width}px` }}>
			{lanes.map((lane, i) => (
				<div key={lane.key} class={`lane-head${lane.side ? ` side-${lane.side}` : ''}`}
					style={{ left: `${at.x[i] - at.gap / 2}px`, width: `${at.gap}px` }}
					title={`${lane.key}\n${laneTitle(lane)}`}>
					<span class="address">{lane.key}</span>
					<span class="role">{laneTitle(lane)}</span>
				</div>
			))}
		</div>
	);
}

/* Behind the rows: what is chosen, and what a finding points at. */
function Under({ layout, at, time, chosen, shift }) {
	const { evidence } = useTime(time, 'evidence');
	const row = chosen === null ? null :
		layout.rows.find((r) => r.kind === 'message' && r.index === chosen);
	const from = evidence?.from ?? null;

	return (
		<g>
			{from !== null && evidence.message === undefined && (
				<rect class="evidence-range" x="0" width={at.width}
					y={layout.yOf(from + shift) - 10}
					height={Math.max(20, layout.yOf((evidence.to ?? from) + shift) -
						layout.yOf(from + shift) + 20)} />
			)}
			{row && <rect class="chosen" x="0" width={at.width} y={row.y - row.h / 2}
				height={row.h} />}
		</g>
	);
}

/* The moment under the pointer, here or in a chart. */
function Cursor({ layout, at, time, shift }) {
	const { cursor, range, full } = useTime(time, 'cursor', 'range', 'full');
	const y = cursor === null ? null : layout.yOf(cursor + shift);
	const zoomed = range[0] !== full[0] || range[1] !== full[1];
	const top = zoomed ? layout.yOf(range[0] + shift) : 0;
	const bottom = zoomed ? layout.yOf(range[1] + shift) : layout.height;

	return (
		<g class="over" pointer-events="none">
			{zoomed && top > 0 && <rect class="outside" x="0" y="0" width={at.width}
				height={Math.max(0, top - 12)} />}
			{zoomed && bottom < layout.height && <rect class="outside" x="0"
				y={bottom + 12} width={at.width}
				height={Math.max(0, layout.height - bottom - 12)} />}
			{y !== null && <line class="cursor" x1="0" x2={at.width} y1={y} y2={y} />}
		</g>
	);
}

const HEADS_PX = 44;

/* What is chosen, or pointed at, comes into view, and nothing moves otherwise. */
function useInView(box, layout, chosen, time, shift) {
	const { evidence } = useTime(time, 'evidence');

	function reveal(y) {
		const el = box.current;
		const top = el.scrollTop + 8;
		const bottom = el.scrollTop + el.clientHeight - HEADS_PX - 24;

		if (y !== null && (y < top || y > bottom))
			el.scrollTop = Math.max(0, y - el.clientHeight / 3);
	}
	useEffect(() => {
		const row = layout.rows.find((r) => r.kind === 'message' && r.index === chosen);

		if (row)
			reveal(row.y);
	}, [chosen, layout]);
	useEffect(() => {
		if (evidence?.from !== undefined)
			reveal(layout.yOf(evidence.from + shift));
	}, [evidence]);
}
