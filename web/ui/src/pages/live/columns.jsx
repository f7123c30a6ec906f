// The columns of the table of open calls, and a row on a phone.
import { Both, BothHead, Party } from '../../components/Cells.jsx';
import { duration, mos, mosClass, mosWithScale, NOTHING, number, percent }
	from '../../core/format.js';
import { age } from './model.js';

/* As in the search. */
const lossClass = (v) => (v >= 5 ? 'bad' : v >= 1 ? 'poor' : '');
const jitterClass = (v) => (v >= 30 ? 'poor' : '');

function nothing(v) {
	return v === null || v === undefined;
}

function codecs(row) {
	const { a_codec: a, b_codec: b } = row;

	return nothing(a) || nothing(b) || a === b ? a ?? b ?? NOTHING : `${a}│${b}`;
}

const states = { trying: 'trying', ringing: 'ringing', up: 'up', hold: 'on hold',
	ending: 'ending' };

/* A word with its status where that says more: "ringing", "ended 486". */
function State({ row }) {
	const failed = row.status >= 300;

	if (row.over !== undefined)
		return <span class="live-state over">{row.recorded ? row.state : 'ended'}{failed && ` ${row.status}`}</span>;
	return (
		<span class={`live-state ${row.state}`}>
			{states[row.state] ?? row.state}{failed && ` ${row.status}`}
		</span>
	);
}

function scores(row) {
	const side = (s, name) => (nothing(row[`${s}_mos`]) ? null :
		`${name}: ${mosWithScale(row[`${s}_mos`], row[`${s}_mos_scale`])} since the ` +
		`beginning, ${mos(row[`${s}_mos_now`])} now`);

	return [side('a', 'a, caller'), side('b', 'b, callee')].filter(Boolean).join('\n') ||
		undefined;
}

/* Cells of rows that are over are faint. */
function dimmed(column) {
	return { ...column, cell: (row) => (row.over === undefined ? column.cell(row) :
		<span class="live-over">{column.cell(row)}</span>) };
}

export function columns(state, now) {
	return [
		{ key: 'age', title: 'age', width: '8ch', align: 'right', sort: 'age',
			cell: (r) => duration(age(state, r, now)) },
		{ key: 'state', title: 'state', width: '14ch', sort: 'state',
			cell: (r) => <State row={r} /> },
		{ key: 'caller', title: 'caller', width: 'minmax(14ch, 1fr)', sort: 'caller',
			hover: (r) => r.caller_addr ?? undefined,
			cell: (r) => <Party row={r} side="caller" /> },
		{ key: 'callee', title: 'callee', width: 'minmax(14ch, 1fr)', sort: 'callee',
			hover: (r) => r.callee_addr ?? undefined,
			cell: (r) => <Party row={r} side="callee" /> },
		{ key: 'codec', title: 'codec', width: '12ch', sort: 'codec', cell: codecs },
		{ key: 'mos', title: <BothHead>MOS now</BothHead>, width: '14ch', align: 'right',
			sort: 'mos', hover: scores,
			about: 'Of the last 1024 packets, as an adaptive receiver hears them',
			cell: (r) => <Both a={r.a_mos_now ?? r.a_mos} b={r.b_mos_now ?? r.b_mos}
				format={mos} judge={mosClass} /> },
		{ key: 'loss', title: <BothHead>loss</BothHead>, unit: '%', width: '13ch',
			align: 'right', sort: 'loss',
			cell: (r) => <Both a={r.a_loss_pct} b={r.b_loss_pct} format={percent}
				judge={lossClass} /> },
		{ key: 'jitter', title: <BothHead>jitter</BothHead>, unit: 'ms', width: '14ch',
			align: 'right', sort: 'jitter',
			cell: (r) => <Both a={r.a_jitter_ms} b={r.b_jitter_ms}
				format={(v) => number(v, 1)} judge={jitterClass} /> },
		{ key: 'packets', title: 'packets', width: '10ch', align: 'right',
			sort: 'packets', cell: (r) => number(r.packets) },
	].map(dimmed);
}

/* On a phone: who, how long, how it sounds. */
export function Card({ row, state, now, href }) {
	const who = <><Party row={row} side="caller" /> → <Party row={row} side="callee" /></>;

	return (
		<div class={row.over === undefined ? undefined : 'live-over'}>
			<div class="live-card"><strong>{href ? <a href={href}>{who}</a> : who}</strong>
				<span>{duration(age(state, row, now))}</span></div>
			<div class="live-card muted"><State row={row} /><span>{codecs(row)}</span></div>
			<div class="live-card muted">
				<span>MOS <Both a={row.a_mos_now} b={row.b_mos_now} format={mos} judge={mosClass} /></span>
				<span>loss <Both a={row.a_loss_pct} b={row.b_loss_pct} format={percent} judge={lossClass} /> %</span>
			</div>
		</div>
	);
}
