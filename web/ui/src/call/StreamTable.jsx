// All streams of a call with their figures: what the tap saw beside what the
// receiver reported by RTCP.
import { mosClass, number, percent } from '../core/format.js';
import { sideOf } from './nat_words.js';
import {
	codecText, compareViews, dscpText, mosTitle, peerView, repairText, srtpText,
	videoText,
} from './stream_rows.js';
import { useInView } from './use_evidence.js';
import { streamName } from './stream_names.js';

/* [title, unit, what of a stream, class of the cell]; numbers are right. */
const columns = [
	['Lost', '%', (s) => <span class={s.loss_pct >= 1 ? 'bad' : ''}
		title={`${s.lost} of ${s.expected}`}>{percent(s.loss_pct)}</span>, 'right'],
	['MOS', '50│200│adapt│worst', mosCell, 'right'],
	['Jitter', 'ms mean│max', (s) => Number.isFinite(s.jitter_ms?.mean) ?
		`${number(s.jitter_ms.mean, 1)}│${number(s.jitter_ms.max, 1)}` : '–', 'right'],
	['In bursts', '% / ms', burstText, 'right'],
];

const peerColumns = [
	['Lost', '', (p) => number(p.lost), 'right'],
	['Worst', '%', (p) => percent(p.fraction_lost_max), 'right'],
	['Jitter', 'ms max', (p) => number(p.jitter_ms_max, 1), 'right'],
	['Round trip', 'ms mean│max', (p) => p.rtt_ms_mean === null ? '–' :
		`${number(p.rtt_ms_mean, 1)}│${number(p.rtt_ms_max, 1)}`, 'right'],
];

const moreColumns = [
	['Packets', '', (s) => number(s.packets), 'right'],
	['Out of order', '', (s) => number(s.out_of_order), 'right'],
	['Duplicates', '', (s) => <span title={s.duplicates_tap ?
		`${s.duplicates_tap} of them by the mirror` : undefined}>
		{number(s.duplicates)}</span>, 'right'],
	['From → to', '', (s) => <>{s.src} → {s.dst}{s.turn &&
		<span class="badge">in TURN</span>}</>, 'mono'],
	['DSCP', '', (s) => dscpText(s.dscp) ?? '–', ''],
	['VLAN', '', (s) => s.vlan ?? '–', 'right'],
	['Frame', 'ms', (s) => s.ptime_ms ?? '–', 'right'],
	['Security', '', srtpText, ''],
	['Repair', '', (s) => repairText(s) ?? '–', ''],
	['Video', '', (s) => videoText(s) ?? '–', ''],
];

function burstText(s) {
	const b = s.burst;

	return b && b.burst_ms > 0 ?
		`${percent(b.burst_loss_pct)} / ${number(b.burst_ms)}` : '–';
}

function mosCell(s) {
	const m = s.mos;

	if (!m || m.adaptive === null)
		return <span title={mosTitle(m)}>–</span>;
	return (
		<span title={mosTitle(m)}>
			{[m.f1, m.f2, m.adaptive, m.min].map((v, i) => (
				<>
					{i > 0 && '│'}
					<span class={m.scale === 'NB' ? mosClass(v) : ''}>
						{v === null ? '–' : v.toFixed(1)}
					</span>
				</>
			))} <small class="muted">{m.scale}{m.assumed && '*'}</small>
		</span>
	);
}

export function StreamTable({ streams, shown, onShow, pointed }) {
	return (
		<>
			<div class="wide-table" role="region" tabIndex={0} aria-label="Streams">
				<table class="plain streams">
					<Head />
					<tbody>
						{streams.map((s) => (
							<Row key={s.stream_uid} stream={s} all={streams}
								shown={shown.includes(s.stream_uid)} onShow={onShow}
								pointed={s.stream_uid === pointed} />
						))}
					</tbody>
				</table>
			</div>
			<Notes streams={streams} />
		</>
	);
}

function Head() {
	return (
		<thead>
			<tr>
				<th colSpan={2} />
				<th colSpan={columns.length} class="group">the tap saw</th>
				<th colSpan={peerColumns.length} class="group">
					the receiver said (RTCP)
				</th>
				<th colSpan={moreColumns.length} class="group">packets and network</th>
			</tr>
			<tr>
				<th scope="col">Stream</th>
				<th scope="col">Codec</th>
				{[...columns, ...peerColumns, ...moreColumns].map(([title, unit, , cls], i) => (
					<th scope="col" class={cls} key={i}>
						{title}{unit && <span class="unit">{unit}</span>}
					</th>
				))}
			</tr>
		</thead>
	);
}

function Row({ stream, all, shown, onShow, pointed }) {
	const side = sideOf(stream.sender);
	const peer = peerView(stream);
	const ref = useInView(pointed);

	return (
		<tr ref={ref} data-stream={stream.stream_uid} class={pointed ? 'pointed' : ''}>
			<th scope="row">
				<label class={side ? `side-${side}` : 'muted'}>
					<input type="checkbox" checked={shown}
						onChange={() => onShow(stream.stream_uid)}
						aria-label={`Show ${streamName(stream, all)} in the charts`} />
					{side ?? '?'} <span class="muted">hop {stream.hop}</span>
				</label>
			</th>
			<td>{codecText(stream)}</td>
			{columns.map(([, , cell, cls], i) => <td key={i} class={cls}>{cell(stream)}</td>)}
			{peerColumns.map(([, , cell, cls], i) =>
				<td key={i} class={cls}>{peer ? cell(peer) : '–'}</td>)}
			{moreColumns.map(([, , cell, cls], i) =>
				<td key={i} class={cls}>{cell(stream)}</td>)}
		</tr>
	);
}

/* What the two views together say, and what the star is. */
function Notes({ streams }) {
	const notes = streams.map((s) => [streamName(s, streams), compareViews(s)])
		.filter(([, text]) => text);
	const assumed = streams.some((s) => s.mos?.assumed && s.mos.adaptive !== null);

	return (
		<div class="table-notes">
			{notes.map(([name, text]) => <p key={name}><b>{name}</b>: {text}</p>)}
			{assumed && <p class="muted">* codec values assumed: the model does not
				list just this codec and mode. A score compares on its own scale only.</p>}
		</div>
	);
}
