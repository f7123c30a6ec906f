// Requests outside of calls: OPTIONS, MESSAGE, SUBSCRIBE and the like.
import { When } from '../../components/Cells.jsx';
import { rttColumn, textColumn as text, timeColumn } from '../../components/listColumns.jsx';
import { Choice, ListPage } from '../../components/ListPage.jsx';
import { Empty } from '../../components/Notes.jsx';
import { number } from '../../core/format.js';

const methods = ['OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'INFO', 'REFER'];
const statuses = ['2xx', '3xx', '4xx', '5xx', '6xx'];

const columns = [
	timeColumn,
	text('method', 'method', '11ch'),
	{ key: 'status', title: 'status', width: '8ch', cell: (r) => <Status row={r} /> },
	rttColumn,
	text('from_uri', 'from', 'minmax(18ch, 1.4fr)'),
	text('to_uri', 'to', 'minmax(18ch, 1.4fr)'),
	text('src', 'source', 'minmax(16ch, 1fr)'),
	text('dst', 'destination', 'minmax(16ch, 1fr)'),
	text('call_id', 'Call-ID', 'minmax(16ch, 1fr)'),
];

/* No final response came: that is what is wrong. */
function Status({ row }) {
	return row.status === null ? <span class="poor">none</span> :
		<span class={row.status >= 400 ? 'poor' : ''}>{row.status}</span>;
}

function card(row) {
	return (
		<div class="card-row">
			<span class="line"><span class="who">{row.method} {row.to_uri}</span><Status row={row} /></span>
			<span class="line"><When value={row.start} /><span>{number(row.rtt_ms, 1)} ms</span></span>
			<span class="line muted"><span>{row.src} → {row.dst}</span></span>
		</div>
	);
}

const none = (
	<Empty title="No transaction matches">
		Here are requests outside of calls and registrations.{' '}
		<a href="/transactions">All of them</a>
	</Empty>
);

export default function Transactions({ query, setQuery }) {
	const { q = '', from = '', to = '', method = '', status = '' } = query;

	return (
		<ListPage path="/transactions" field="transactions" one="transaction"
			params={{ q, from, to, method, status }} query={query} setQuery={setQuery}
			label="Transactions" box="URI, Call-ID or IP" none={none}
			columns={columns} card={card} rowKey={(r) => r.uid}
			tools={(
				<>
					<Choice label="method" value={method} options={methods}
						onChange={(m) => setQuery({ method: m })} />
					<Choice label="status" value={status} options={statuses}
						onChange={(s) => setQuery({ status: s })} />
				</>
			)} />
	);
}
