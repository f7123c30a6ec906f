// The rows of a ladder as SVG. Rows carry data-row, their place in layout.rows;
// Ladder.jsx listens once for all of them.
import { Fragment } from 'preact';
import { gapText, spoken } from './ladder_text.js';

const HEAD = 6;

/* A line with a head at its end; what begins and ends in one lane is a loop. */
function Arrow({ x1, x2, y }) {
	if (x1 === x2)
		return <path class="wire loop" d={`M${x1} ${y - 5}h26v10h-20l5 -4m-5 4l5 4`} />;
	const by = x2 > x1 ? -1 : 1;

	return <path class="wire" d={`M${x1} ${y}H${x2 + by * HEAD}M${x2} ${y}l${by * 7} -4v8z`} />;
}

function middle(x1, x2) {
	return x1 === x2 ? x1 + 32 : (x1 + x2) / 2;
}

/* Letters that fit between two lanes, at some 6.4 px each. */
function fits(text, px) {
	const most = Math.max(6, Math.floor(px / 6.4));

	return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function messageText(row, px) {
	const full = `${row.retransmission ? '↻ ' : ''}${row.label}${row.sdp ? ' (SDP)' : ''}`;
	const more = row.status === null ? ` ${row.cseq.split(' ')[0]}` : ` ${row.cseq}`;

	return { full: fits(full, px), more: (full.length + more.length) * 6.4 < px ? more : '' };
}

function Message({ row, n, at, lanes, time }) {
	const x1 = at.x[row.from];
	const x2 = at.x[row.to];
	const px = x1 === x2 ? at.gap - 40 : Math.abs(x2 - x1) - 16;
	const { full, more } = messageText(row, px);
	const words = spoken(row, lanes, full + more);
	const classes = ['row', 'message', row.side ? `from-${row.side}` : '',
		row.retransmission ? 'again' : '', row.bad ? 'wrong' : '',
		row.hop > 1 ? 'copy' : ''].filter(Boolean).join(' ');

	return (
		<g class={classes} data-row={n} data-index={row.index} role="button" tabindex="-1"
			aria-label={words}>
			<rect class="hit" x="0" y={row.y - row.h / 2} width={at.width} height={row.h} />
			<Arrow x1={x1} x2={x2} y={row.y + 5} />
			<text x={middle(x1, x2)} y={row.y} class={x1 === x2 ? 'begin' : ''}>
				<tspan class="label">{full}</tspan>{more && <tspan class="more">{more}</tspan>}
			</text>
			<title>{`${words}\n${time.title}`}</title>
		</g>
	);
}

/* The number and colour of a dialog, beside the time. */
function Dialog({ dialog, x, y }) {
	return (
		<g class={`dialog d${dialog % 6}`}>
			<rect x={x - 6} y={y - 7} width="14" height="14" rx="7" />
			<text x={x + 1} y={y + 4}>{dialog + 1}</text>
		</g>
	);
}

function Gap({ row, at }) {
	return (
		<g class="row gap">
			{at.x.map((x) => (
				<g key={x}>
					<path class="hole" d={`M${x} ${row.y - 3}v6`} />
					<path class="break" d={`M${x - 5} ${row.y - 1}l10 -5m-10 12l10 -5`} />
				</g>
			))}
			<text x={at.left - 16} y={row.y + 4}>{gapText(row.ms)}</text>
		</g>
	);
}

function mediaSide(row, lanes) {
	if (row.both)
		return '';
	const from = lanes[row.toRight ? row.from : row.to];

	return from?.side ? ` from-${from.side}` : '';
}

/* The bar of two streams: from their first packet to the last. */
function MediaBand({ row, at, lanes }) {
	const x1 = at.x[row.from];
	const x2 = at.x[row.to];

	return (
		<rect class={`band${mediaSide(row, lanes)}`} x={Math.min(x1, x2) - (x1 === x2 ? 4 : 0)}
			y={row.y - row.h / 2 + 2} width={Math.max(8, Math.abs(x2 - x1))}
			height={Math.max(row.h - 4, row.yEnd - row.y + row.h / 2)} />
	);
}

function Media({ row, n, at, lanes }) {
	const x1 = at.x[row.from];
	const x2 = at.x[row.to];
	const px = Math.max(at.gap, Math.abs(x2 - x1)) - 28;
	const loss = (row.label.length + row.loss.length + 2) * 6.4 < px ? row.loss : '';
	const label = fits(row.label, px);
	const words = `${label}${loss && ` ${loss}`}, ${row.media}, ${row.loss}`;

	return (
		<g class={`row media${mediaSide(row, lanes)}${row.bad ? ' wrong' : ''}`} data-row={n}
			role="button" tabindex="-1" aria-label={words}>
			<rect class="hit" x="0" y={row.y - row.h / 2} width={at.width} height={row.h} />
			<path class="double" d={`M${x1} ${row.y + 3}H${x2}M${x1} ${row.y + 7}H${x2}`} />
			{row.toRight && x1 !== x2 && <path class="tip" d={`M${x2} ${row.y + 5}l-8 -5v10z`} />}
			{row.toLeft && x1 !== x2 && <path class="tip" d={`M${x1} ${row.y + 5}l8 -5v10z`} />}
			<text x={(x1 + x2) / 2} y={row.y - 1}>
				<tspan class="label">{label}</tspan>
				{loss && <tspan class="loss" dx="4">{` ${loss}`}</tspan>}
			</text>
			<title>{words}</title>
		</g>
	);
}

/* A box over the lanes that take part; a click shows what is inside. */
function Group({ row, n, at }) {
	const x1 = Math.min(at.x[row.from], at.x[row.to]);
	const x2 = Math.max(at.x[row.from], at.x[row.to]);
	const least = Math.min(at.gap - 8, 220);
	const width = Math.max(least, x2 - x1);
	const x = Math.max(at.left, Math.min((x1 + x2 - width) / 2, at.width - width));
	const mark = row.count === 0 ? '' : row.open ? '▾ ' : '▸ ';
	const label = mark + fits(row.label, width - 24);
	const inside = row.count === 0 ? {} : { role: 'button', tabindex: 0,
		'aria-expanded': row.open, 'aria-label': `${label}, ${row.label}` };

	return (
		<g class={`row group ${row.kind}${row.bad ? ' wrong' : ''}${row.count ? ' folds' : ''}`}
			data-row={n} data-id={row.id} {...inside}>
			<rect class="box" x={x} y={row.y - 9} width={width} height="18" rx="4" />
			<text x={x + width / 2} y={row.y + 4}>
				<tspan class="label">{label}</tspan>
			</text>
			<title>{row.label}</title>
		</g>
	);
}

function Check({ row, n, at }) {
	const x1 = at.x[row.from];
	const x2 = at.x[row.to];

	return (
		<g class={`row ${row.kind}${row.side ? ` from-${row.side}` : ''}${row.bad ? ' wrong' :
			''}`} data-row={n}>
			<rect class="hit" x="0" y={row.y - row.h / 2} width={at.width} height={row.h} />
			<Arrow x1={x1} x2={x2} y={row.y + 5} />
			<text x={middle(x1, x2)} y={row.y} class={x1 === x2 ? 'begin' : ''}>
				<tspan class="label">
					{fits(row.label, x1 === x2 ? at.gap - 40 : Math.abs(x2 - x1) - 16)}
				</tspan>
			</text>
			<title>{row.label}</title>
		</g>
	);
}

function End({ row, at }) {
	return (
		<line class="band-end" x1={at.x[row.from]} x2={at.x[row.to]} y1={row.y} y2={row.y} />
	);
}

const views = { message: Message, gap: Gap, media: Media, ice: Group, dtls: Group,
	turn: Group, check: Check, offer: Check, end: End };

export function LadderRows({ layout, at, times }) {
	const { lanes, rows, height } = layout;

	return (
		<>
			{rows.map((row) => row.kind === 'media' && (
				<MediaBand key={`band ${row.id}`} row={row} at={at} lanes={lanes} />
			))}
			{at.x.map((x, i) => <line key={lanes[i].key} class="lane" x1={x} x2={x} y1="0"
				y2={height} />)}
			{rows.map((row, n) => {
				const View = views[row.kind];

				return (
					<Fragment key={`${row.leg} ${row.id}`}>
						<View row={row} n={n} at={at} lanes={lanes} time={times[n]} />
						{row.dialog !== null && row.dialog !== undefined &&
							<Dialog dialog={row.dialog} x={at.left - 6} y={row.y} />}
						{times[n] && <text class="time" x={at.left - 16} y={row.y + 4}>
							{times[n].text}</text>}
					</Fragment>
				);
			})}
		</>
	);
}
