// The one box, what was understood of it, and what was not.
import { useEffect, useRef, useState } from 'preact/hooks';
import { atCharacter, dropTerm, splitTerms } from '../../core/terms.js';

const PAUSE = 300;

/* q is the address's; onChange(q, final): final by Enter, else while typing. */
export function Box({ q, onChange, onDown }) {
	const [text, setText] = useState(q);
	const input = useRef(null);
	const timer = useRef(0);

	useEffect(() => setText(q), [q]);
	useEffect(() => () => clearTimeout(timer.current), []);
	useEffect(() => {
		if (!q && matchMedia('(min-width: 641px)').matches)
			input.current.focus();
	}, []);

	function typed(event) {
		const now = event.target.value;

		setText(now);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => onChange(now.trim(), false), PAUSE);
	}

	function submit(event) {
		event.preventDefault();
		clearTimeout(timer.current);
		onChange(text.trim(), true);
	}

	return (
		<form role="search" class="box" onSubmit={submit}>
			<input type="search" data-search ref={input} value={text} onInput={typed}
				aria-label="Search calls" autocomplete="off" spellcheck={false}
				autocapitalize="off" enterkeyhint="search"
				placeholder="number, IP, Call-ID, agent, status:486, mos<3.5 …"
				onKeyDown={(e) => e.key === 'ArrowDown' && onDown()} />
		</form>
	);
}

/* The terms as the server understood them; each can be taken away. */
export function Chips({ q, terms, onChange }) {
	const words = splitTerms(q);

	if (terms.length === 0)
		return null;
	return (
		<ul class="chips" aria-label="Understood as">
			{terms.map((t, i) => (
				<li key={i}>
					{t.text}
					{terms.length === words.length && (
						<button type="button" aria-label={`Without: ${t.text}`}
							title="take away" onClick={() => onChange(dropTerm(q, i), true)}>
							×
						</button>
					)}
				</li>
			))}
		</ul>
	);
}

/* A sentence, and the place in q that it is about. */
export function BadQuery({ q, error }) {
	const at = error.at === null ? null : atCharacter(q, error.at);

	return (
		<p class="bad-query" role="alert">
			<span class="bad">{error.message}</span>
			{at !== null && (
				<code>{q.slice(0, at)}<mark>{q.slice(at) || ' '}</mark></code>
			)}
			<a href="/help#search">How to search</a>
		</p>
	);
}
