import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { goesOn, joined, nothing } from '../src/core/found.js';

const answer = (rows, next, more = {}) => ({ calls: rows, next, complete: true, ...more });

test('answers are joined', () => {
	const one = joined(nothing, answer([1, 2], 'c', { terms: ['t'] }), 'calls');
	const two = joined(one, answer([3], null), 'calls');

	assert.deepEqual(two.rows, [1, 2, 3]);
	assert.equal(two.next, null);
	assert.deepEqual(two.terms, ['t']);
	assert.equal(two.searchedFrom, null);
	assert.notEqual(one.place, nothing.place);
});

test('a search goes on by itself, but not for ever without a row', () => {
	let found = nothing;
	const late = answer([], 'c', { complete: false, searched_from: '2026-11-20T00:00:00Z' });

	for (let i = 0; i < 3; i++) {
		assert.equal(i === 0 || goesOn(found), true);
		found = joined(found, late, 'calls');
	}
	assert.equal(goesOn(found), false);
	assert.equal(found.searchedFrom, '2026-11-20T00:00:00Z');
	assert.equal(goesOn(joined(found, answer([1], 'd'), 'calls')), true);
	assert.equal(goesOn(joined(found, answer([1], null), 'calls')), false);
});
