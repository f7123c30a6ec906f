// What stands where there is nothing else: waiting, nothing found, an error.

/* Grey rows, for what takes longer than 150 ms (useGet's `slow`). */
export function Skeleton({ rows = 8 }) {
	return (
		<div class="skeleton" role="status" aria-label="Loading">
			{Array.from({ length: rows }, (_, i) => <i key={i} />)}
		</div>
	);
}

/* Nothing there: `title` says what, the children what to do next. */
export function Empty({ title, children }) {
	return (
		<div class="note" role="status">
			<strong>{title}</strong>
			<div>{children}</div>
		</div>
	);
}

export function ErrorNote({ error, again, children }) {
	return (
		<div class="note error" role="alert">
			<strong>{error.message}</strong>
			<div>{children}</div>
			{again && <button type="button" onClick={again}>Try again</button>}
		</div>
	);
}
