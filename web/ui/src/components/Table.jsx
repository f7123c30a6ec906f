// A table of any length: only the rows in sight are drawn. It fills the height
// that is left, its header stays, j and k move the row cursor, Enter opens.
//
// columns: [{ key, title, unit, width ("9ch", "minmax(12ch, 1fr)"), align
//   ("right"), sort (name the API sorts by), lowFirst, cell(row), hover(row) }]
// rowHref(row): where Enter and a click lead; the first cell is that link.
// sort: "start" or "-start" (descending); onSort(text).
// card(row): what a row is on a phone, cardHeight its pixels.
// top, onScroll(top): where the page was scrolled to, to come back to it.
// onEnd(): the last rows are near, fetch more. foot: below the last row.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { scrollTo, step, visible } from '../core/rows.js';
import { useKeys } from '../shell/Keys.jsx';
import { useRouter } from '../shell/Router.jsx';
import { useNarrow } from './useNarrow.js';

const ROW = 28;

export function Table(props) {
	const { columns, rows, label, rowHref, card, cardHeight = 72, foot } = props;
	const narrow = useNarrow() && Boolean(card);
	const rowHeight = narrow ? cardHeight : ROW;
	const id = useId();
	const view = useView(props, rowHeight);
	const { cursor, setCursor, open } = useCursor(props, view, rowHeight);
	const { first, last, before, total } = visible({
		top: view.top, height: view.height, rowHeight, count: rows.length,
	});

	useEnd(props, last);
	return (
		<div class={`table${narrow ? ' cards' : ''}`} ref={view.box}>
			<div class="wide" role="grid" aria-label={label} tabIndex={0}
				aria-rowcount={rows.length + 1} aria-colcount={columns.length}
				aria-activedescendant={cursor >= first && cursor < last ?
					`${id}-${cursor}` : undefined}
				style={{ '--cols': columns.map((c) => c.width ?? '1fr').join(' ') }}>
				<Head columns={columns} sort={props.sort} onSort={props.onSort} />
				<div class="rows" role="rowgroup" style={{ height: `${total}px` }}>
					<div role="presentation" style={{ transform: `translateY(${before}px)` }}>
						{rows.slice(first, last).map((row, i) => (
							<Row key={props.rowKey(row)} id={`${id}-${first + i}`}
								row={row} index={first + i} columns={columns}
								card={narrow ? card : null} href={rowHref?.(row)}
								at={cursor === first + i} open={open}
								choose={setCursor} />
						))}
					</div>
				</div>
			</div>
			{foot}
		</div>
	);
}

/* Scroll position and height of the box. */
function useView({ top: initial = 0, onScroll }, rowHeight) {
	const box = useRef(null);
	const [top, setTop] = useState(initial);
	const [height, setHeight] = useState(600);

	useLayoutEffect(() => {
		const element = box.current;
		const seen = new ResizeObserver(() => setHeight(element.clientHeight));
		const scrolled = () => {
			setTop(element.scrollTop);
			onScroll?.(element.scrollTop);
		};

		setHeight(element.clientHeight);
		element.scrollTop = initial;
		seen.observe(element);
		element.addEventListener('scroll', scrolled, { passive: true });
		return () => {
			seen.disconnect();
			element.removeEventListener('scroll', scrolled);
		};
	}, [rowHeight]);
	return { box, top, height };
}

function useCursor({ rows, rowHref, cursor: initial = -1, onCursor }, view, rowHeight) {
	const [cursor, set] = useState(initial);
	const { navigate } = useRouter();

	function setCursor(row) {
		set(row);
		onCursor?.(row);
	}

	function move(by) {
		const row = step(cursor, by, rows.length);
		const head = view.box.current.querySelector('.head').offsetHeight;

		if (row < 0)
			return;
		setCursor(row);
		view.box.current.scrollTop = scrollTo({
			row, top: view.box.current.scrollTop, rowHeight,
			height: view.box.current.clientHeight - head,
		});
	}

	function open(row = cursor) {
		if (!rows[row] || !rowHref)
			return false;
		setCursor(row);
		navigate(rowHref(rows[row]));
		return true;
	}

	useKeys({
		j: () => move(1),
		k: () => move(-1),
		ArrowDown: () => view.box.current.contains(document.activeElement) && move(1),
		ArrowUp: () => view.box.current.contains(document.activeElement) && move(-1),
		Enter: () => open(),
	});
	return { cursor, setCursor, open };
}

function useEnd({ rows, onEnd }, last) {
	useEffect(() => {
		if (onEnd && last >= rows.length - 20)
			onEnd();
	}, [last, rows.length, onEnd]);
}

function Head({ columns, sort, onSort }) {
	return (
		<div class="head" role="rowgroup">
			<div role="row" aria-rowindex={1}>
				{columns.map((c) => (
					<div key={c.key} role="columnheader" class={c.align}
						title={c.about} aria-sort={sorted(c, sort)}>
						{c.sort && onSort ? (
							<button type="button" tabIndex={-1}
								onClick={() => onSort(nextSort(c, sort))}>
								{c.title}<Arrow way={sorted(c, sort)} />
							</button>
						) : c.title}
						{c.unit && <span class="unit">{c.unit}</span>}
					</div>
				))}
			</div>
		</div>
	);
}

function Arrow({ way }) {
	const sign = { ascending: '▴', descending: '▾' }[way];

	return sign ? <span aria-hidden="true"> {sign}</span> : null;
}

function sorted(column, sort) {
	if (!column.sort || !sort || sort.replace(/^-/, '') !== column.sort)
		return undefined;
	return sort.startsWith('-') ? 'descending' : 'ascending';
}

/* A new column begins with what is looked for: the largest, the latest, the
 * longest; the lowest where that is the worst. */
function nextSort(column, sort) {
	const up = column.sort;
	const down = `-${up}`;
	const [first, second] = column.lowFirst ? [up, down] : [down, up];

	return sort === first ? second : first;
}

function Row({ id, row, index, columns, card, href, at, open, choose }) {
	function clicked(event) {
		if (event.target.closest('a, button') || String(getSelection()))
			return;
		choose(index);
		if (event.ctrlKey || event.metaKey)
			window.open(href, '_blank', 'noopener');
		else
			open(index);
	}

	return (
		<div class={`row${at ? ' at' : ''}${href ? ' opens' : ''}`} id={id} role="row"
			aria-rowindex={index + 2} aria-selected={at}
			onClick={href ? clicked : undefined}>
			{card ? <div role="gridcell" class="card">{card(row, href)}</div> :
				columns.map((c, i) => (
					<div key={c.key} role="gridcell" class={c.align} title={c.hover?.(row)}>
						{i === 0 && href ?
							<a href={href} tabIndex={-1} onClick={() => choose(index)}>
								{c.cell(row)}
							</a> : c.cell(row)}
					</div>
				))}
		</div>
	);
}
