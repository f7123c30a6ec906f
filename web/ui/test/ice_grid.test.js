import test from 'node:test';
import assert from 'node:assert/strict';
import {
	exchangesOf, firstShown, gridOf, moveIn, outcomeOf, outcomes,
} from '../src/call/ice_grid.js';
import { records, samplesWith } from './golden.js';

const withIce = samplesWith((r) => r.ice.length > 0);

test('there are samples with ICE', () => {
	assert.ok(withIce.length >= 25, String(withIce.length));
});

for (const [name, record] of withIce) {
	record.ice.forEach((ice, n) => test(`${name} ${n}: each pair is in one cell, ` +
		'with its outcome', () => {
		const { rows, columns, cells } = gridOf(ice);
		const found = cells.flat().flatMap((cell) => cell.pairs).sort((a, b) => a - b);

		assert.deepEqual(found, ice.pairs.map((_, i) => i));
		cells.forEach((line, r) => line.forEach((cell, c) => {
			assert.ok(outcomes[cell.outcome]);
			assert.equal(cell.outcome, outcomeOf(ice.pairs[cell.pairs[0]]));
			for (const i of cell.pairs) {
				const pair = ice.pairs[i];

				assert.ok([rows[r].addr, rows[r].resolved].includes(pair.local));
				assert.ok([columns[c].addr, columns[c].resolved].includes(pair.remote));
			}
		}));
	}));

	record.ice.forEach((ice, n) => test(`${name} ${n}: candidates in the order ` +
		'of priority', () => {
		const { rows, columns } = gridOf(ice);

		for (const list of [rows, columns])
			list.slice(1).forEach((c, i) => {
				const before = list[i];

				if ((c.component ?? 1) === (before.component ?? 1))
					assert.ok((before.priority ?? -1) >= (c.priority ?? -1));
				else
					assert.ok((before.component ?? 1) < (c.component ?? 1));
			});
	}));
}

test('a relayed call: the direct pair failed, the relayed one is selected', () => {
	const [call] = records('ice-relay');
	const { rows, columns, cells } = gridOf(call.ice[0]);

	assert.deepEqual(rows.map((c) => c.type), ['host', 'relay']);
	assert.deepEqual(columns.map((c) => c.type), ['host', 'relay']);
	assert.deepEqual(cells.map((line) => line.map((c) => c.outcome)),
		[['failed', 'succeeded'], ['succeeded', 'selected']]);
});

test('a restart is a tab of its own, and media\'s exchange is open', () => {
	const [session] = records('cc-restart');
	const tabs = exchangesOf(session.ice);

	assert.equal(tabs.length, 3);
	assert.equal(tabs[0].label.startsWith('First'), true);
	assert.ok(tabs.some((t) => t.label.startsWith('Restart 1') && t.restart));
	assert.equal(session.ice[firstShown(session.ice)].result, 'connected');
});

test('exchanges of one generation are told apart by their ufrags', () => {
	const [session] = records('cc-bundle-none');
	const labels = exchangesOf(session.ice).map((t) => t.label);

	assert.equal(new Set(labels).size, 3);
	assert.match(labels[0], /First \(.+ – .+\)/);
});

test('candidates that are no pair leave their cell empty', () => {
	const [session] = records('cc-fail');
	const { rows, columns, cells } = gridOf(session.ice[0]);
	const tcp = rows.findIndex((c) => c.transport === 'tcp');
	const udp = columns.findIndex((c) => c.transport === 'udp');

	assert.equal(cells[tcp][udp].outcome, 'none');
	assert.deepEqual(cells[tcp][udp].pairs, []);
});

test('an end that nobody described has a row of its own', () => {
	const { columns } = gridOf(records('cc-one-way')[0].ice[0]);

	assert.equal(columns.length, 1);
	assert.equal(columns[0].described, false);
});

test('arrow keys stay inside of the grid', () => {
	const grid = { rows: [1, 2], columns: [1, 2, 3] };

	assert.deepEqual(moveIn(grid, [0, 0], 'ArrowRight'), [0, 1]);
	assert.deepEqual(moveIn(grid, [0, 0], 'ArrowLeft'), [0, 0]);
	assert.deepEqual(moveIn(grid, [1, 1], 'ArrowDown'), [1, 1]);
	assert.deepEqual(moveIn(grid, [1, 1], 'End'), [1, 2]);
	assert.deepEqual(moveIn(grid, [1, 2], 'Home'), [1, 0]);
	assert.equal(moveIn(grid, [1, 2], 'x'), null);
});
