// A page that is a list: a box, filters in the address, rows. The search has
// its own; registrations and transactions are this.
//
// path, field: of the API; params: what is asked for; columns, card, rowKey,
// rowHref, label: of the table; one: what a row is called. `box` is what the
// box's placeholder says, `tools` further controls, `title` stands above the
// rows, `none` is shown when there is nothing.
import { useEffect, useState } from 'preact/hooks';
import { ErrorNote, Skeleton } from './Notes.jsx';
import { Foot, Told } from './Foot.jsx';
import { Table } from './Table.jsx';
import { TimeRange } from './TimeRange.jsx';
import { useList } from './useList.js';

export function ListPage(props) {
	const { query, setQuery, box, label, one, title, tools } = props;
	const list = useList(props.path, props.field, props.params);

	return (
		<div class="list">
			<div class="bar">
				<WordBox key={query.q} q={query.q ?? ''} hint={box}
					onChange={(q) => setQuery({ q })} />
				<div class="tools">
					{tools}
					<TimeRange from={query.from} to={query.to} onChange={setQuery} />
				</div>
			</div>
			<div class="told">
				<h1>{title || label}</h1>
				<Told list={list} one={one} />
			</div>
			<Rows list={list} {...props} />
		</div>
	);
}

function WordBox({ q, hint, onChange }) {
	const [text, setText] = useState(q);

	useEffect(() => setText(q), [q]);
	return (
		<form role="search" class="box" onSubmit={(event) => {
			event.preventDefault();
			onChange(text.trim());
		}}>
			<input type="search" data-search value={text} placeholder={hint}
				aria-label={hint} autocomplete="off" spellcheck={false}
				autocapitalize="off" onInput={(e) => setText(e.target.value)} />
		</form>
	);
}

function Rows({ list, label, columns, card, rowKey, rowHref, one, none }) {
	if (list.error && list.rows.length === 0)
		return <ErrorNote error={list.error} again={list.again} />;
	if (!list.answered)
		return list.slow ? <Skeleton rows={16} /> : null;
	if (list.rows.length === 0 && list.next === null && !list.stale)
		return none;
	return (
		<div class={`result${list.stale && list.slow ? ' waits' : ''}`}>
			<Table key={list.at} label={label} columns={columns} rows={list.rows}
				rowKey={rowKey} rowHref={rowHref} card={card} cardHeight={76}
				top={list.where.top} cursor={list.where.cursor}
				onScroll={(top) => list.place({ top })}
				onCursor={(cursor) => list.place({ cursor })}
				onEnd={list.empty === 0 ? list.more : undefined}
				foot={<Foot list={list} one={one} />} />
		</div>
	);
}

/* One of some values, or any. */
export function Choice({ label, value, options, onChange }) {
	return (
		<select aria-label={label} value={value ?? ''}
			onChange={(e) => onChange(e.target.value)}>
			<option value="">{`any ${label}`}</option>
			{options.map((o) => <option key={o} value={o}>{o}</option>)}
		</select>
	);
}
