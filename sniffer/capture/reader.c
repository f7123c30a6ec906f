#include "sniffer/capture/reader.h"

#include <errno.h>

/* Link type fields: draft-ietf-opsawg-pcap, section 4. */
uint16_t linktype_of(uint32_t field)
{
	uint32_t type = field & 0x03ffffff; /* above: FCS length */

	if (type > 0xffff)
		return 0xffff;
	/* DLT_RAW of BSD/Linux and of OpenBSD, as old libpcaps wrote it */
	if (type == 12 || type == 14)
		return 101;
	return (uint16_t)type;
}

static const struct {
	struct slice magic;
	const char *name;
} others[] = {
	{SLICE_INIT("GMBU"), "a Microsoft Network Monitor 2 capture"},
	{SLICE_INIT("RTSS"), "a Microsoft Network Monitor 1 capture"},
	{SLICE_INIT("snoop\0\0\0"), "a Solaris snoop capture"},
	{SLICE_INIT("TRSNIFF data"), "a Network General Sniffer capture"},
	{SLICE_INIT("XCP\0"), "a NetXRay/Sniffer Pro capture"},
	{SLICE_INIT("\x7fVER"), "an Accellent 5Views or Omnipeek capture"},
	{SLICE_INIT("\x54\x52\x00\x64"), "an NG Sniffer capture"},
	{SLICE_INIT("ERF"), "an Endace ERF capture"},
	{SLICE_INIT("\x0a\x0d\x0d\x0a"), "a damaged pcapng header"},
	{SLICE_INIT("\xa1\xb2\xcd\x34"), "a cut pcap header"},
	{SLICE_INIT("\x1f\x8b"), "gzip data inside gzip data"},
	{SLICE_INIT("\xfd"
		    "7zXZ"),
	 "xz data (unpack it first)"},
	{SLICE_INIT("\x28\xb5\x2f\xfd"), "zstd data (unpack it first)"},
	{SLICE_INIT("BZh"), "bzip2 data (unpack it first)"},
	{SLICE_INIT("\x04\x22\x4d\x18"), "lz4 data (unpack it first)"},
	{SLICE_INIT("PK\x03\x04"), "a zip archive (unpack it first)"},
	{SLICE_INIT("\x7f"
		    "ELF"),
	 "a program"},
	{SLICE_INIT("SQLite format 3"), "an SQLite database"},
	{SLICE_INIT("RIFF"), "a RIFF (WAV, AVI) file"},
};

static bool is_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
			return false;
		if (c == 0x7f)
			return false;
	}
	return s.len > 0;
}

const char *reader_looks_like(struct slice head)
{
	if (head.len == 0)
		return "an empty file";
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (slice_starts(head, others[i].magic))
			return others[i].name;
	return is_text(head) ? "text" : "data of an unknown kind";
}

int reader_new(struct reader **out, struct slice head, uint16_t *iface,
	       size_t *used, const char **why)
{
	if (pcap_reader_knows(head))
		return pcap_reader_new(out, head, iface, used, why);
	if (pcapng_reader_knows(head))
		return pcapng_reader_new(out, head, iface, used, why);
	*why = reader_looks_like(head);
	return -EPROTONOSUPPORT;
}
