/* JSON text: white space, strings, values that are skipped.
 *
 * A line ends with a byte that no token contains (a newline, or a zero in a copy), and SLACK readable bytes follow
 * it. So no function here needs the line's end: each stops at that byte. Every function takes the cursor where
 * it begins and gives the cursor after what it read, or NULL if the text is not JSON, or is unusual.
 */
#ifndef TELEMETRY_TEXT_H
#define TELEMETRY_TEXT_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SLACK 64
#define DEEPEST 64
#define MOST_INTEGER 500 /* bytes of one; the json module refuses those of thousands of digits */
#define EACH(byte) (0x0101010101010101ULL * (byte))

typedef const uint8_t *cursor;

static inline uint64_t load8(cursor p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

static inline int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

/* A newline is white space in JSON, but ends the line here. */
static inline cursor blanks(cursor p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    return p;
}

/* One character of two to four bytes, as strict as Python: no surrogates, nothing overlong. */
static cursor wide_character(cursor p) {
    uint8_t lead = p[0], second = p[1];
    if (lead >= 0xC2 && lead <= 0xDF) return (second & 0xC0) == 0x80 ? p + 2 : NULL;
    if ((lead & 0xF0) == 0xE0) {
        uint8_t low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
        return second >= low && second <= high && (p[2] & 0xC0) == 0x80 ? p + 3 : NULL;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        uint8_t low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high || (p[2] & 0xC0) != 0x80) return NULL;
        return (p[3] & 0xC0) == 0x80 ? p + 4 : NULL;
    }
    return NULL;
}

static cursor escape(cursor p) {
    switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return p + 2;
    case 'u':
        for (int i = 2; i < 6; i++)
            if (!is_digit(p[i]) && (uint8_t)((p[i] | 0x20) - 'a') > 5) return NULL;
        return p + 6;
    default:
        return NULL;
    }
}

/* From after the opening quote to the closing quote. */
static cursor string_end(cursor p, int *escaped) {
    for (;;) {
        uint64_t word = load8(p), quote = word ^ EACH('"'), slash = word ^ EACH('\\');
        uint64_t special = ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) |
                           ((word - EACH(0x20)) & ~word) | word;
        special &= EACH(0x80);
        if (!special) {
            p += 8;
            continue;
        }
        p += __builtin_ctzll(special) >> 3; /* bytes before the first special one are detected reliably */
        if (*p == '"') return p;
        if (*p == '\\') {
            *escaped = 1;
            p = escape(p);
        } else {
            p = *p & 0x80 ? wide_character(p) : NULL;
        }
        if (!p) return NULL;
    }
}

/* How many of the next 16 bytes match the pattern of two words. */
static inline int same_bytes(cursor p, uint64_t low, uint64_t high) {
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)p), wanted = _mm_set_epi64x((long long)high, (long long)low);
    return __builtin_ctz(~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
#else
    uint64_t first = load8(p) ^ low, second = load8(p + 8) ^ high;
    return first ? __builtin_ctzll(first) >> 3 : 8 + (second ? __builtin_ctzll(second) >> 3 : 8);
#endif
}

/* Skips zeros followed by a comma, in both usual spellings, and counts them. */
static inline cursor zeros(cursor p, uint32_t *count) {
    int same;
    if (p[1] != ',') return p;
    if (p[2] == ' ') {
        do { /* "0, 0, 0, 0, 0, 0" */
            same = same_bytes(p, 0x2C30202C30202C30ULL, 0x30202C30202C3020ULL) * 11 >> 5; /* a third */
            p += 3 * same;
            *count += (uint32_t)same;
        } while (same == 5);
        return p;
    }
    do { /* "0,0,0,0,0,0,0,0," */
        same = same_bytes(p, 0x2C302C302C302C30ULL, 0x2C302C302C302C30ULL) >> 1;
        p += 2 * same;
        *count += (uint32_t)same;
    } while (same == 8);
    return p;
}

static cursor skip_number(cursor p) {
    cursor begin = p;
    p += *p == '-';
    if (*p == '0') p++;
    else if (is_digit(*p)) while (is_digit(*p)) p++;
    else return NULL;
    if (p - begin > MOST_INTEGER) return NULL;
    if (*p == '.') {
        if (!is_digit(*++p)) return NULL;
        while (is_digit(*p)) p++;
    }
    if ((*p | 0x20) == 'e') {
        p++;
        p += *p == '+' || *p == '-';
        if (!is_digit(*p)) return NULL;
        while (is_digit(*p)) p++;
    }
    return p;
}

/* "name" : up to the value. Names with escapes need the slow path: they may be equal to others. */
static cursor member_name(cursor p, cursor *name, size_t *length) {
    int escaped = 0;
    if (*p != '"') return NULL;
    cursor end = string_end(p + 1, &escaped);
    if (!end || escaped) return NULL;
    *name = p + 1;
    *length = (size_t)(end - p - 1);
    p = blanks(end + 1);
    return *p == ':' ? blanks(p + 1) : NULL;
}

static cursor skip_value(cursor p, int depth);

static cursor skip_items(cursor p, uint8_t close, int depth) {
    int escaped = 0;
    if (depth == DEEPEST) return NULL;
    p = blanks(p + 1);
    if (*p == close) return p + 1;
    for (;;) {
        if (close == '}') {
            if (*p != '"' || !(p = string_end(p + 1, &escaped))) return NULL;
            p = blanks(p + 1);
            if (*p != ':') return NULL;
            p = blanks(p + 1);
        }
        if (!(p = skip_value(p, depth + 1))) return NULL;
        p = blanks(p);
        if (*p == close) return p + 1;
        if (*p != ',') return NULL;
        p = blanks(p + 1);
    }
}

static cursor skip_value(cursor p, int depth) {
    int escaped = 0;
    switch (*p) {
    case '"':
        p = string_end(p + 1, &escaped);
        return p ? p + 1 : NULL;
    case '{': return skip_items(p, '}', depth);
    case '[': return skip_items(p, ']', depth);
    case 't': return memcmp(p, "true", 4) ? NULL : p + 4;
    case 'f': return memcmp(p, "false", 5) ? NULL : p + 5;
    case 'n': return memcmp(p, "null", 4) ? NULL : p + 4;
    default: return skip_number(p);
    }
}

#endif
