// Calls now: a table that follows what the capture sees.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Empty, Skeleton } from '../../components/Notes.jsx';
import { Table } from '../../components/Table.jsx';
import { useSlow } from '../../components/useGet.js';
import { count, number } from '../../core/format.js';
import { callHref } from '../../core/router.js';
import { Card, columns } from './columns.jsx';
import { arranged } from './model.js';
import { useLive } from './useLive.js';

const LIMIT = 500;

export default function Live({ query, setQuery }) {
	const { state, lost, now, fade } = useLive(LIMIT);
	const slow = useSlow(!state.head && !lost);

	if (!state.head && lost)
		return <Empty title="No live calls">{lost}</Empty>;
	if (!state.head)
		return slow ? <Skeleton /> : null;
	if (!state.head.capture)
		return <NoCapture />;
	return <Calls {...{ state, lost, now, fade, query, setQuery }} />;
}

function NoCapture() {
	return (
		<Empty title="No capture runs here">
			This viewer shows what is stored (callscope serve). Calls are seen as they run
			where callscope captures: callscope -i INTERFACE --http ADDR:PORT.
			{' '}<a href="/search">Search the calls that are stored</a>
		</Empty>
	);
}

function Calls({ state, lost, now, fade, query, setQuery }) {
	const sort = query.sort ?? '-start', filter = query.q ?? '';
	const { uids, waiting, hover } = useOrder(state, { sort, filter, fade, now });
	const rows = uids.map((uid) => state.rows.get(uid));

	return (
		<>
			<Bar {...{ state, lost, filter, setQuery, waiting, shown: rows.length }} />
			<div class="live-table" {...hover}>
				{rows.length > 0 ? (
					<Table label="Open calls" columns={columns(state, now)} rows={rows}
						rowKey={(row) => row.uid} sort={sort}
						onSort={(text) => setQuery({ sort: text === '-start' ? null : text },
							{ replace: true })}
						rowHref={(row) => (stored(row, now) ? callHref(row.uid) : null)}
						card={(row, href) => <Card {...{ row, state, now, href }} />}
						cardHeight={76} />
				) : <NoCalls head={state.head} filter={filter} />}
			</div>
		</>
	);
}

/* A store takes what is finished within a second or two. */
function stored(row, now) {
	return row.recorded && now - row.over > 2500;
}

/* While the pointer is over the table nothing moves: rows keep their places,
 * new ones wait, and those that are over stay. */
function useOrder(state, { sort, filter, fade, now }) {
	const [over, setOver] = useState(false);
	const held = useRef(null);
	const asked = `${sort} ${filter}`;
	const last = useRef(asked);

	if (!over || last.current !== asked || held.current?.length === 0)
		held.current = null;
	last.current = asked;
	const uids = arranged(state, { filter, sort, held: held.current });

	held.current = uids;
	useEffect(() => {
		if (!over)
			fade();
	}, [over, now]);
	const all = over ? arranged(state, { filter, sort }).length : uids.length;

	return {
		uids,
		waiting: Math.max(0, all - uids.length),
		hover: {
			onPointerEnter: (e) => e.pointerType === 'mouse' && setOver(true),
			onPointerLeave: () => setOver(false),
		},
	};
}

function Bar({ state, lost, filter, setQuery, waiting, shown }) {
	const { head } = state;
	const more = head.total - head.shown;

	return (
		<div class="live-bar">
			<input type="search" data-search placeholder="filter: number, address, codec, state"
				aria-label="Filter the open calls" value={filter}
				onInput={(e) => setQuery({ q: e.currentTarget.value || null }, { replace: true })} />
			<span class="live-count">{count(head.total, 'call')} open</span>
			{filter && <span class="muted">{number(shown)} shown</span>}
			{more > 0 && <span class="muted">the newest {number(head.shown)} are listed</span>}
			{waiting > 0 && <span class="badge">{number(waiting)} new</span>}
			{head.ended && <span class="badge">the input is over</span>}
			{!head.live && !head.ended && <span class="badge">reading a file</span>}
			<span role="status" class="live-lost">{lost && <span class="bad">{lost}</span>}</span>
		</div>
	);
}

function NoCalls({ head, filter }) {
	if (filter && head.total > 0)
		return <Empty title="No open call matches">Take a word out of the filter.</Empty>;
	if (head.ended)
		return (
			<Empty title="The input was read to its end">
				All its calls are finished. <a href="/search">Search them</a>
			</Empty>
		);
	return (
		<Empty title="No open calls">
			They appear here as soon as the capture sees one. If there should be some, look
			at the health line above: does the tap see packets?
		</Empty>
	);
}
