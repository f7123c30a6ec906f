// The ICE grid of one exchange: rows are the candidates of a, columns those of
// b, a cell is the pair of both. Pure: from the report's ice[] alone.

/* Outcomes in the order of the legend. */
export const outcomes = {
	'selected': { symbol: '●', text: 'selected: media or DTLS used it last' },
	'succeeded': { symbol: '✓', text: 'succeeded' },
	'failed': { symbol: '✗', text: 'failed' },
	'in-progress': { symbol: '…', text: 'in progress when the capture ended' },
	'not-tried': { symbol: '·', text: 'never tried' },
	'unknown': { symbol: '?', text: 'unknown: the tap sees one way only' },
	'none': { symbol: '', text: 'no pair: these two do not fit each other' },
};

export const typeNames = {
	host: 'host: an address of its own',
	srflx: 'server reflexive: what its NAT made of it, as a STUN server saw it',
	prflx: 'peer reflexive: learned from the checks',
	relay: 'relay: an address of a TURN server',
};

/* What became of a pair; null is no pair. */
export function outcomeOf(pair) {
	if (!pair)
		return 'none';
	if (pair.selected)
		return 'selected';
	return outcomes[pair.state] ? pair.state : 'unknown';
}

function keyOf(c) {
	return [c.addr, c.component, c.transport, c.type].join(' ');
}

/* RFC 8445, 5.1.2: the component first, then the higher priority. */
function byPriority(x, y) {
	return (x.component ?? 1) - (y.component ?? 1) ||
		(y.priority ?? -1) - (x.priority ?? -1);
}

function agrees(mine, theirs) {
	return mine === null || theirs === null || mine === theirs;
}

/* How well a candidate is the end of a pair: 0 is not at all. */
function likeness(c, end) {
	if (c.addr !== end.addr && c.resolved !== end.addr)
		return 0;
	if (!agrees(c.component, end.component) ||
	    !agrees(c.transport, end.transport))
		return 0;
	return 1 + (c.type === end.type ? 2 : 0) + (c.addr === end.addr ? 1 : 0);
}

function find(list, end) {
	let best = -1, most = 0;

	list.forEach((c, i) => {
		const n = likeness(c, end);

		if (n > most) {
			most = n;
			best = i;
		}
	});
	return best;
}

/* An end that no candidate describes: the pair alone shows it. */
function seenOnly(side, end) {
	return {
		side, addr: end.addr, component: end.component,
		transport: end.transport, type: end.type, priority: null,
		foundation: null, related: null, resolved: null, described: false,
	};
}

function endOf(pair, which) {
	return {
		addr: pair[which], type: pair[`${which}_type`],
		component: pair.component, transport: pair.transport,
	};
}

/* Candidates of a side, each once, with those that only pairs show. */
function candidatesOf(ice, side, which) {
	const seen = new Set();
	const list = ice.candidates
		.filter((c) => c.side === side && !seen.has(keyOf(c)) &&
			seen.add(keyOf(c)))
		.map((c) => ({ ...c, described: true }));

	for (const pair of ice.pairs) {
		const end = endOf(pair, which);

		if (find(list, end) < 0)
			list.push(seenOnly(side, end));
	}
	return list.sort(byPriority);
}

/*
 * { rows, columns, cells }: candidates in the order of priority, and cells
 * [row][column] of { outcome, pairs }, `pairs` being indexes into ice.pairs,
 * the one that the cell shows first.
 */
export function gridOf(ice) {
	const rows = candidatesOf(ice, 'a', 'local');
	const columns = candidatesOf(ice, 'b', 'remote');
	const cells = rows.map(() => columns.map(() => ({
		outcome: 'none', pairs: [],
	})));

	ice.pairs.forEach((pair, index) => {
		const r = find(rows, endOf(pair, 'local'));
		const c = find(columns, endOf(pair, 'remote'));

		place(cells[r][c], outcomeOf(pair), index);
	});
	return { rows, columns, cells };
}

const weight = Object.keys(outcomes);

/* Two pairs of one cell are rare (an address that two candidates share): the
 * better outcome is shown. */
function place(cell, outcome, index) {
	if (weight.indexOf(outcome) < weight.indexOf(cell.outcome)) {
		cell.outcome = outcome;
		cell.pairs.unshift(index);
	} else {
		cell.pairs.push(index);
	}
}

/*
 * The exchanges as tabs, in order of time: { index into ice[], label, result,
 * restart }. Of several of one generation (forks, BUNDLE refused) the ufrags
 * tell them apart.
 */
export function exchangesOf(ice) {
	const order = ice.map((e, index) => ({ e, index }))
		.sort((x, y) => (x.e.started ?? '').localeCompare(y.e.started ?? '') ||
			x.index - y.index);

	return order.map(({ e, index }) => {
		const twins = ice.filter((o) => o.generation === e.generation);

		return {
			index,
			label: (e.generation > 1 ? `Restart ${e.generation - 1}` : 'First') +
				(twins.length > 1 ? ` (${e.a} – ${e.b})` : ''),
			result: e.result,
			restart: e.generation > 1,
		};
	});
}

/* Exchange to open first: the one that media used, else the last. */
export function firstShown(ice) {
	const used = ice.findLastIndex?.((e) => e.pairs.some((p) => p.selected)) ?? -1;

	return used >= 0 ? used : exchangesOf(ice).at(-1)?.index ?? 0;
}

/* Where an arrow key leads in a grid of rows and columns, null: nowhere. */
export function moveIn(grid, [row, column], key) {
	const step = {
		ArrowUp: [-1, 0], ArrowDown: [1, 0],
		ArrowLeft: [0, -1], ArrowRight: [0, 1],
		Home: [0, -column], End: [0, grid.columns.length - 1 - column],
	}[key];

	if (!step)
		return null;
	return [
		Math.min(grid.rows.length - 1, Math.max(0, row + step[0])),
		Math.min(grid.columns.length - 1, Math.max(0, column + step[1])),
	];
}
