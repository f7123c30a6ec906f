import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { scrollTo, step, visible } from '../src/core/rows.js';

test('only rows in sight are drawn', () => {
	assert.deepEqual(visible({ top: 0, height: 280, rowHeight: 28, count: 5000, over: 8 }),
		{ first: 0, last: 18, before: 0, total: 140000 });
	assert.deepEqual(visible({ top: 2800, height: 280, rowHeight: 28, count: 5000, over: 8 }),
		{ first: 92, last: 118, before: 2576, total: 140000 });
});

test('at the end, beyond it, and without rows', () => {
	assert.equal(visible({ top: 1e9, height: 280, rowHeight: 28, count: 50 }).last, 50);
	assert.deepEqual(visible({ top: 0, height: 280, rowHeight: 28, count: 0 }),
		{ first: 0, last: 0, before: 0, total: 0 });
	assert.equal(visible({ top: -50, height: 280, rowHeight: 28, count: 50 }).first, 0);
});

test('a row comes into sight with the least movement', () => {
	const box = { top: 280, height: 280, rowHeight: 28 };

	assert.equal(scrollTo({ row: 12, ...box }), 280);
	assert.equal(scrollTo({ row: 9, ...box }), 252);
	assert.equal(scrollTo({ row: 20, ...box }), 308);
});

test('the cursor stays in the table', () => {
	assert.equal(step(-1, 1, 3), 0);
	assert.equal(step(2, 1, 3), 2);
	assert.equal(step(0, -1, 3), 0);
	assert.equal(step(0, 1, 0), -1);
});
