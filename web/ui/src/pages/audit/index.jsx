// The audit log: who logged in, listened and took calls away. For admins.
import { When } from '../../components/Cells.jsx';
import { Foot, Told } from '../../components/Foot.jsx';
import { Empty, ErrorNote, Skeleton } from '../../components/Notes.jsx';
import { Table } from '../../components/Table.jsx';
import { useList } from '../../components/useList.js';
import { actionText, whatHref } from '../../core/audit.js';
import { NOTHING } from '../../core/format.js';

const columns = [
	{ key: 'time', title: 'time', width: '19ch', cell: (e) => <When value={e.time} /> },
	{ key: 'user', title: 'user', width: 'minmax(14ch, 1fr)', cell: (e) => e.user || NOTHING, hover: (e) => e.user },
	{ key: 'role', title: 'role', width: '9ch', cell: (e) => e.role ?? NOTHING },
	{ key: 'action', title: 'what', width: '24ch', cell: (e) => <Action entry={e} /> },
	{ key: 'what', title: 'of', width: 'minmax(28ch, 2fr)', cell: (e) => <What entry={e} />, hover: (e) => e.what ?? '' },
	{ key: 'from', title: 'from', width: 'minmax(16ch, 1fr)', cell: (e) => e.from || <span class="muted">command line</span> },
	{ key: 'status', title: 'status', width: '7ch', align: 'right', cell: (e) => e.status ?? NOTHING },
];

function Action({ entry }) {
	return (
		<span class={entry.action === 'login_failed' ? 'poor' : ''}>
			{actionText(entry.action)}
		</span>
	);
}

function What({ entry }) {
	const to = whatHref(entry);

	return to ? <a href={to}>{entry.what}</a> : entry.what || <span class="muted">{NOTHING}</span>;
}

function card(entry) {
	return (
		<div class="card-row">
			<span class="line"><span class="who">{entry.user || NOTHING}</span><Action entry={entry} /></span>
			<span class="line"><When value={entry.time} /><span>{entry.from}</span></span>
			<span class="line muted"><span class="who"><What entry={entry} /></span></span>
		</div>
	);
}

function Rows({ list }) {
	if (list.error && list.rows.length === 0)
		return <ErrorNote error={list.error} again={list.again} />;
	if (!list.answered)
		return list.slow ? <Skeleton rows={16} /> : null;
	if (list.rows.length === 0)
		return (
			<Empty title="Nothing is written down yet">
				Logins, listening and exports appear here; on disk they are in the
				file audit.log of the data folder.
			</Empty>
		);
	return (
		<div class="result">
			<Table label="Audit log" columns={columns} rows={list.rows} card={card}
				cardHeight={76} rowKey={(e) => list.rows.indexOf(e)}
				top={list.where.top} onScroll={(top) => list.place({ top })}
				onEnd={list.more} foot={<Foot list={list} one="line" />} />
		</div>
	);
}

export default function Audit() {
	const list = useList('/audit', 'entries', {});

	return (
		<div class="list">
			<div class="told">
				<h1>Audit log</h1>
				<Told list={list} one="line" />
			</div>
			<Rows list={list} />
		</div>
	);
}
