/*
 * The codec of records: two bytes with the length of a dictionary, the
 * dictionary, a record. Length 65535: this program's own dictionary. What is
 * decoded can be written as a line and coded again, to the same line.
 */
#include <assert.h>
#include <stdlib.h>

#include "storage/cdr_code.h"
#include "storage/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct cdr_code *code, struct slice dictionary,
			const struct cdr *cdr)
{
	struct outbuf line = {0}, bytes = {0}, again = {0};
	struct cdr_decoder *d;
	struct cdr *back;

	report_put_line(&line, cdr);
	cdr_code_put(code, &bytes, cdr);
	assert(!cdr_decoder_new(&d, code, dictionary));
	assert(!cdr_decode(d, slice_of(bytes.p, bytes.len), &back));
	report_put_line(&again, back);
	assert(slice_eq(slice_of(line.p, line.len),
			slice_of(again.p, again.len)));
	cdr_free(back);
	cdr_decoder_free(d);
	outbuf_free(&line);
	outbuf_free(&bytes);
	outbuf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_of(data, size));
	size_t len = cursor_u16(&c);
	struct cdr_code *code = cdr_code_new();
	struct outbuf own = {0};
	struct cdr_decoder *d;
	struct slice ours, dictionary;
	struct cdr *cdr;

	assert(code);
	cdr_code_dictionary(code, &own);
	ours = slice_of(own.p, own.len);
	dictionary = len == 65535 ? ours : cursor_take(&c, len);
	if (!c.bad && !cdr_decoder_new(&d, code, dictionary)) {
		if (!cdr_decode(d, cursor_rest(&c), &cdr)) {
			check_again(code, ours, cdr);
			cdr_free(cdr);
		}
		cdr_decoder_free(d);
	}
	cdr_code_free(code);
	outbuf_free(&own);
	return 0;
}
