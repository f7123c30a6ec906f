import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as r from '../src/core/router.js';

const pages = [{ path: 'search' }, { path: 'call' }];

test('a path is a page and its argument', () => {
	assert.equal(r.matchPath('/', pages).page, pages[0]);
	assert.deepEqual(r.matchPath('/call/01J%2F1', pages),
		{ page: pages[1], params: { id: '01J/1' } });
	assert.equal(r.matchPath('/nowhere', pages).page, null);
	assert.equal(r.matchPath('/call/1/2', pages).page, null);
	assert.deepEqual(r.matchPath('/call/%zz', pages).params, { id: '%zz' });
});

test('a query survives the address', () => {
	const query = { q: 'status:486 mos<3.5 "a b" +49', from: '-2h', cols: 'start,caller' };

	assert.deepEqual(r.parseQuery(r.formatQuery(query)), query);
});

test('what is empty is not in the address', () => {
	assert.equal(r.formatQuery({ q: '', from: null, to: undefined }), '');
	assert.equal(r.formatQuery({ q: 'a:b,c' }), '?q=a:b,c');
});

test('a patch replaces and removes', () => {
	assert.deepEqual(r.patchQuery({ q: 'x', sort: 'start' }, { sort: null, from: '-2h' }),
		{ q: 'x', from: '-2h' });
});

test('addresses of calls and searches', () => {
	assert.equal(r.callHref('01J'), '/call/01J');
	assert.equal(r.searchHref('status:486', { from: '-7d' }),
		'/search?q=status:486&from=-7d');
});

test('which clicks stay inside', () => {
	const origin = 'http://127.0.0.1:8000';
	const click = { button: 0 };
	const url = (path) => new URL(path, origin);

	assert.equal(r.isInside(url('/call/1'), origin, click), true);
	assert.equal(r.isInside(url('/api/v1/calls/1/pcap'), origin, click), false);
	assert.equal(r.isInside(url('/call/1'), origin, { button: 1 }), false);
	assert.equal(r.isInside(url('/call/1'), origin, { button: 0, ctrlKey: true }), false);
	assert.equal(r.isInside(new URL('http://other/'), origin, click), false);
});
