import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createKeys, isForPage } from '../src/core/keys.js';

const body = { tagName: 'BODY' };
const event = (key, target = body, more = {}) =>
	({ key, target, preventDefault() { this.taken = true; }, ...more });

test('typing and shortcuts of the browser are not the page\'s', () => {
	assert.equal(isForPage(event('j')), true);
	assert.equal(isForPage(event('j', { tagName: 'INPUT' })), false);
	assert.equal(isForPage(event('Escape', { tagName: 'INPUT' })), true);
	assert.equal(isForPage(event('j', body, { ctrlKey: true })), false);
	assert.equal(isForPage(event('Enter', { tagName: 'A' })), false);
});

test('the last one to ask is asked first, and may let a key go on', () => {
	const keys = createKeys();
	const said = [];

	keys.add({ j: () => said.push('first') });
	const away = keys.add({ j: () => { said.push('second'); return said.length > 2; } });
	const pressed = event('j');

	assert.equal(keys.press(pressed), true);
	assert.deepEqual(said, ['second', 'first']);
	assert.equal(pressed.taken, true);
	away();
	assert.equal(keys.press(event('k')), false);
});
