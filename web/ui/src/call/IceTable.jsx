// The ICE grid as a table: rows are a's candidates, columns b's. One cell is
// in the order of Tab; arrow keys go on from there.
import { useRef, useState } from 'preact/hooks';
import { moveIn, outcomes, typeNames } from './ice_grid.js';
import { pairName } from './ice_words.js';

export function IceTable({ ice, grid, chosen, onChoose }) {
	const table = useRef(null);
	const at = placeOf(grid, chosen) ?? [0, 0];
	const [focus, setFocus] = useState(at);

	function key(event) {
		const next = moveIn(grid, focus, event.key);

		if (!next)
			return;
		event.preventDefault();
		setFocus(next);
		table.current.querySelector(`[data-cell="${next.join()}"]`)?.focus();
	}

	return (
		<div class="wide-table ice-scroll">
			<table class="ice-grid" ref={table} onKeyDown={key}>
				<caption class="hidden-text">
					Candidate pairs: rows are candidates of a, columns of b, both in the
					order of priority. Arrow keys move, Enter shows a pair.
				</caption>
				<Head grid={grid} components={severalComponents(grid)} />
				<tbody>
					{grid.rows.map((c, r) => (
						<tr key={r}>
							<Candidate candidate={c} side="a" scope="row"
								components={severalComponents(grid)} />
							{grid.cells[r].map((cell, n) => (
								<Cell key={n} cell={cell} ice={ice} place={[r, n]}
									focused={focus[0] === r && focus[1] === n}
									chosen={cell.pairs.includes(chosen)}
									onFocus={() => setFocus([r, n])} onChoose={onChoose} />
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function placeOf(grid, pair) {
	for (let r = 0; r < grid.rows.length; r++)
		for (let c = 0; c < grid.columns.length; c++)
			if (grid.cells[r][c].pairs.includes(pair))
				return [r, c];
	return null;
}

function severalComponents(grid) {
	const seen = new Set([...grid.rows, ...grid.columns].map((c) => c.component ?? 1));

	return seen.size > 1;
}

function Head({ grid, components }) {
	return (
		<thead>
			<tr>
				<th class="corner"><span class="side-a">a ↓</span>{' '}
					<span class="side-b">b →</span></th>
				{grid.columns.map((c, n) => (
					<Candidate key={n} candidate={c} side="b" scope="col"
						components={components} />
				))}
			</tr>
		</thead>
	);
}

function Candidate({ candidate: c, side, scope, components }) {
	const said = c.described ? (c.priority === null ? '' : `priority ${c.priority}`) :
		'seen in checks only';
	const related = c.related ? `, of ${c.related}` : '';
	const resolved = c.resolved ? `, is ${c.resolved}` : '';

	return (
		<th scope={scope} class={`side-${side}`}
			title={`${typeNames[c.type] ?? 'type not known'}; ${said}${related}${resolved}`}>
			<span class={`badge cand-${c.type ?? 'unknown'}`}>{c.type ?? '?'}</span>
			{c.transport === 'tcp' && <span class="badge">tcp</span>}
			{components && <span class="badge">{c.component === 2 ? 'RTCP' : 'RTP'}</span>}
			<span class="mono">{c.addr ?? 'not seen'}</span>
		</th>
	);
}

/* What a cell says aloud. */
function words(cell, ice) {
	const { text } = outcomes[cell.outcome];
	const pair = ice.pairs[cell.pairs[0]];

	if (!pair)
		return text;
	return [pairName(pair), text,
		pair.state === 'succeeded' && pair.reason && 'for one side only',
		pair.state !== 'succeeded' && pair.reason && `reason ${pair.reason}`,
		pair.nominated && 'nominated',
		pair.via_relay && 'through a relay', pair.consent_lost && 'lost later']
		.filter(Boolean).join(', ');
}

function Cell({ cell, ice, place, focused, chosen, onFocus, onChoose }) {
	const pair = ice.pairs[cell.pairs[0]];
	const half = pair?.state === 'succeeded' && pair.reason;
	const label = words(cell, ice);

	if (!pair)
		return <td class="none"><span class="hidden-text">{label}</span></td>;
	return (
		<td class={`${cell.outcome}${half ? ' half' : ''}${pair.consent_lost ? ' lost' : ''}`}>
			<button type="button" data-cell={place.join()} data-pair={cell.pairs[0]}
				tabIndex={focused ? 0 : -1} aria-pressed={chosen} aria-label={label}
				title={label} onFocus={onFocus} onClick={() => onChoose(cell.pairs[0])}>
				<span aria-hidden="true">{outcomes[cell.outcome].symbol}</span>
			</button>
		</td>
	);
}

export function Legend({ ice }) {
	const there = new Set(ice.pairs.map((p) => p.selected ? 'selected' : p.state));
	const half = ice.pairs.some((p) => p.state === 'succeeded' && p.reason);

	return (
		<ul class="ice-legend">
			{Object.entries(outcomes).filter(([name]) => there.has(name))
				.map(([name, { symbol, text }]) => (
					<li key={name}><b class={name}>{symbol}</b> {text}</li>
				))}
			{half && <li><b class="failed">½</b> for one side only</li>}
		</ul>
	);
}
