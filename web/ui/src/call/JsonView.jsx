// The record as it is stored: a tree that folds, and a search in it.
import { useMemo, useState } from 'preact/hooks';
import { apiUrl } from '../core/api.js';
import { count } from '../core/format.js';
import { isBranch, searchTree, sizeText } from './json_tree.js';

export function JsonView({ call, uid }) {
	const [text, setText] = useState('');
	const [opened, setOpened] = useState(new Map());
	const found = useMemo(() => searchTree(call, text), [call, text]);

	function toggle(path, now) {
		setOpened(new Map(opened).set(path, !now));
	}
	return (
		<div class="json">
			<div class="json-tools">
				<input type="search" placeholder="name or value" aria-label="Search in the record"
					value={text} onInput={(e) => setText(e.currentTarget.value)} />
				<span class="muted" role="status">
					{text !== '' && count(found.hits.size, 'match', 'matches')}</span>
				<a href={apiUrl(`/calls/${encodeURIComponent(uid)}/json`)} download>Download</a>
			</div>
			<div class="tree mono">
				<Branch value={call} path="" found={found} opened={opened} toggle={toggle} />
			</div>
		</div>
	);
}

function Branch({ value, path, ...rest }) {
	return (
		<ul>
			{Object.entries(value).map(([key, v]) => (
				<Node key={key} name={key} value={v} path={path === '' ? key : `${path}.${key}`}
					{...rest} />
			))}
		</ul>
	);
}

function Node({ name, value, path, found, opened, toggle }) {
	const hit = found.hits.has(path) ? 'hit' : '';
	const size = isBranch(value) ? Object.keys(value).length : 0;

	if (!isBranch(value) || size === 0)
		return <li><span class={`key ${hit}`}>{name}</span>: <Leaf value={value} /></li>;
	const open = opened.get(path) ?? found.open.has(path);

	return (
		<li>
			<button type="button" class={`fold ${hit}`} aria-expanded={open}
				onClick={() => toggle(path, open)}>
				<span aria-hidden="true">{open ? '▾' : '▸'}</span> <span class="key">{name}</span>
			</button>{' '}
			<span class="muted">{sizeText(value)}</span>
			{open && <Branch value={value} path={path} found={found} opened={opened}
				toggle={toggle} />}
		</li>
	);
}

function Leaf({ value }) {
	const text = isBranch(value) ? sizeText(value) : JSON.stringify(value);

	return <span class={`leaf ${value === null ? 'muted' : typeof value}`}>{text}</span>;
}
