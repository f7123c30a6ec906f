// Find the call: the one box, filters, and the calls it finds.
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { Columns } from '../../components/Columns.jsx';
import { Empty, ErrorNote, Skeleton } from '../../components/Notes.jsx';
import { Foot, Told } from '../../components/Foot.jsx';
import { Table } from '../../components/Table.jsx';
import { TimeRange } from '../../components/TimeRange.jsx';
import { useList } from '../../components/useList.js';
import { rememberResult } from '../../core/result.js';
import { callHref, searchHref } from '../../core/router.js';
import { useRouter } from '../../shell/Router.jsx';
import { BadQuery, Box, Chips } from './Box.jsx';
import { card } from './Card.jsx';
import { columns, columnsOf } from './columns.jsx';
import { Export } from './Export.jsx';
import { Filters } from './Filters.jsx';
import { Saved } from './Saved.jsx';
import { useColumns } from './useColumns.js';

const SORT = '-start';

export default function Search({ query, setQuery }) {
	const params = {
		q: query.q ?? '', from: query.from ?? '', to: query.to ?? '',
		sort: query.sort ?? '',
	};
	const calls = useList('/calls', 'calls', params);
	const cols = useColumns(query, setQuery);
	const setText = useTyping(setQuery);
	const { search } = useRouter();
	/* What is wrong with the words, not with the server. */
	const bad = calls.error && [400, 403].includes(calls.error.status) ? calls.error : null;

	useEffect(() => {
		if (!calls.stale && calls.answered)
			rememberResult(`/search${search}`, calls.rows.map((r) => r.uid));
	}, [calls.rows, calls.stale, search]);

	return (
		<div class="list">
			<div class="bar">
				<Box q={params.q} onChange={setText} onDown={focusTable} />
				<div class="tools">
					<TimeRange from={query.from} to={query.to} onChange={setQuery} />
					<button type="button" aria-pressed={query.filters === '1'}
						onClick={() => setQuery({ filters: query.filters ? null : '1' }, { replace: true })}>
						Filters
					</button>
					<Columns all={columns} {...cols} />
					<Saved search={search} />
					<Export params={params} />
				</div>
			</div>
			{query.filters === '1' && <Filters q={params.q} onChange={setText} />}
			<div class="told">
				{bad ? <BadQuery q={params.q} error={bad} /> :
					<Chips q={params.q} terms={calls.stale ? [] : calls.terms} onChange={setText} />}
				<Told list={calls} one="call" />
			</div>
			<Result calls={calls} bad={bad} cols={cols} query={query} setQuery={setQuery} />
		</div>
	);
}

function focusTable() {
	document.querySelector('.list [role=grid]')?.focus();
}

/* Typing is one step for Back, however many letters it has. */
function useTyping(setQuery) {
	const typing = useRef(false);

	return (q, final) => {
		setQuery({ q: q || null }, { replace: typing.current });
		typing.current = !final;
	};
}

function Result({ calls, bad, cols, query, setQuery }) {
	const place = calls.place;
	const onScroll = useCallback((top) => place({ top }), [place]);
	const onCursor = useCallback((cursor) => place({ cursor }), [place]);

	if (calls.error && !bad && calls.rows.length === 0)
		return <ErrorNote error={calls.error} again={calls.again} />;
	if (bad && calls.rows.length === 0)
		return <Examples />;
	if (!calls.answered)
		return calls.slow ? <Skeleton rows={16} /> : null;
	if (calls.rows.length === 0 && calls.next === null && !calls.stale)
		return <NoCalls query={query} />;
	return (
		<div class={`result${calls.stale && calls.slow ? ' waits' : ''}`}>
			<Table key={calls.at} label="Calls" columns={columnsOf(cols.chosen)}
				rows={calls.rows} rowKey={(r) => r.uid} rowHref={(r) => callHref(r.uid)}
				card={card} cardHeight={76}
				sort={query.sort ?? SORT}
				onSort={(sort) => setQuery({ sort: sort === SORT ? null : sort })}
				top={calls.where.top} cursor={calls.where.cursor}
				onScroll={onScroll} onCursor={onCursor}
				onEnd={calls.empty === 0 ? calls.more : undefined}
				foot={<Foot list={calls} one="call" />} />
		</div>
	);
}

const examples = ['301234', 'status:486', 'mos<3.5 from:-2h', 'agent:Linphone*', 'diag:one-way'];

function Examples() {
	return (
		<Empty title="Nothing was searched yet">
			Correct the word above, or begin with one of these:
			<ul class="examples">
				{examples.map((q) => (
					<li key={q}><a href={searchHref(q)}><code>{q}</code></a></li>
				))}
			</ul>
		</Empty>
	);
}

function NoCalls({ query }) {
	return (
		<Empty title={query.q || query.from ? 'No call matches' : 'There are no calls yet'}>
			{query.from && <p>Only a range of time was searched:{' '}
				<a href={searchHref(query.q)}>all time</a> looks everywhere.</p>}
			{query.q && <p>A number is found whole, by its beginning or its end; with stars,
				*1234*, anywhere. <a href="/help#search">How to search</a></p>}
			{!query.q && !query.from && <p>callscope is watching, or the store is empty: see
				the line about the tap above.</p>}
		</Empty>
	);
}
