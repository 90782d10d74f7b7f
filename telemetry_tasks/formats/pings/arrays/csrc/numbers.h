/* Numbers: decimal text to exactly the double that Python reads, doubles to exactly the units of core/fixed.py. */
#ifndef TELEMETRY_NUMBERS_H
#define TELEMETRY_NUMBERS_H

#include <Python.h>
#include <float.h>
#include <math.h>

#include "text.h"

#if FLT_EVAL_METHOD != 0
#error "doubles must be computed as doubles"
#endif

#define DENSE_LIMIT (1LL << 44)
#define UNITS (1LL << 40)
#define MOST_DIGITS 19 /* that fit in 64 bits; integers may have one less */
#define LONGEST_NUMBER 200

typedef struct {
    int real; /* whether written as a float */
    int64_t integer;
    double value; /* also for integers */
} number;

static const double TENS[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
                              1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t FIVES[] = {
    1ULL, 5ULL, 25ULL, 125ULL, 625ULL, 3125ULL, 15625ULL, 78125ULL, 390625ULL, 1953125ULL, 9765625ULL, 48828125ULL,
    244140625ULL, 1220703125ULL, 6103515625ULL, 30517578125ULL, 152587890625ULL, 762939453125ULL, 3814697265625ULL,
    19073486328125ULL};

/* The double nearest to digits / 10^places, half to even; places <= MOST_DIGITS.
 *
 * If both are doubles, one division is exact enough. Else the quotient by 5^places is computed to 63 bits or more in
 * integers, and the remainder decides on which side of a half it lies; 2^places only moves the exponent. */
static double decimal(uint64_t digits, int places) {
    if (digits <= 1ULL << 53) return (double)digits / TENS[places];
    uint64_t five = FIVES[places];
    int up = __builtin_clzll(digits), more = 63 - __builtin_clzll(five);
    unsigned __int128 scaled = (unsigned __int128)(digits << up) << more;
    uint64_t quotient = (uint64_t)(scaled / five); /* between 2^62 and 2^64 */
    int left_over = (unsigned __int128)quotient * five != scaled;
    int drop = 11 - __builtin_clzll(quotient);
    uint64_t kept = quotient >> drop, low = quotient & ((1ULL << drop) - 1), half = 1ULL << (drop - 1);
    if (low > half || (low == half && (left_over || (kept & 1)))) kept++;
    uint64_t power = (uint64_t)(1023 + drop - up - more - places) << 52;
    double scale;
    memcpy(&scale, &power, 8);
    return (double)kept * scale;
}

/* How many digits the eight bytes begin with. */
static inline int leading_digits(uint64_t word) {
    uint64_t value = word ^ EACH('0'), others = ((value + EACH(0x76)) | value) & EACH(0x80);
    return others ? __builtin_ctzll(others) >> 3 : 8; /* bytes after the first other one are not detected reliably */
}

/* The value of the first `count` (1 to 8) of eight bytes, which are digits: no loop, so no mispredicted branch. */
static inline uint64_t value_of(uint64_t word, int count) {
    word = (word ^ EACH('0')) << (8 * (8 - count));
    word = word * 10 + (word >> 8);
    return (((word & 0x000000FF000000FFULL) * 0x000F424000000064ULL) +
            (((word >> 16) & 0x000000FF000000FFULL) * 0x0000271000000001ULL)) >> 32;
}

static const uint64_t INTEGER_TENS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* Adds the digits at p to `digits`; `room` is the most of them. NULL if there are more. */
static inline cursor more_digits(cursor p, uint64_t *digits, int room) {
    for (;;) {
        uint64_t word = load8(p);
        int count = leading_digits(word);
        if (count > room) return NULL;
        if (count) *digits = *digits * INTEGER_TENS[count] + value_of(word, count);
        p += count;
        if (count < 8) return p;
        room -= 8;
    }
}

/* Rare forms (exponents, very many digits) by Python's own conversion. */
static cursor odd_number(cursor p, number *out) {
    char copy[LONGEST_NUMBER + 1];
    cursor end = skip_number(p);
    if (!end || end - p > LONGEST_NUMBER) return NULL;
    memcpy(copy, p, (size_t)(end - p));
    copy[end - p] = 0;
    out->real = 1;
    out->value = PyOS_string_to_double(copy, NULL, NULL);
    if (out->value == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return NULL;
    }
    return end;
}

/* Any JSON number except integers of more than 18 digits, which need the slow path. */
static cursor read_number(cursor p, number *out) {
    cursor begin = p;
    int negative = *p == '-';
    p += negative;
    cursor first = p;
    uint64_t digits = 0;
    if (!(p = more_digits(p, &digits, MOST_DIGITS - 1)) || p == first) return NULL;
    if (*first == '0' && p - first > 1) return NULL;
    if (*p != '.' && (*p | 0x20) != 'e') {
        out->real = 0;
        out->integer = negative ? -(int64_t)digits : (int64_t)digits;
        out->value = (double)out->integer;
        return p;
    }
    cursor point = p;
    if (*p == '.') p = more_digits(p + 1, &digits, MOST_DIGITS - (int)(point - first));
    if (!p || p <= point + 1 || (*p | 0x20) == 'e') return odd_number(begin, out);
    out->real = 1;
    out->value = decimal(digits, (int)(p - point - 1));
    if (negative) out->value = -out->value;
    return p;
}

/* Integer part and fraction in units of 2^-40, rounded half to even; 0 if the number is too large to be dense. */
static int split_real(double value, int64_t *whole, int64_t *fraction) {
    if (!(value > -(double)DENSE_LIMIT && value < (double)DENSE_LIMIT)) return 0;
    if (value >= 0) { /* the same without calls: the difference is exact, and 2^52 has no bits for fractions */
        *whole = (int64_t)value;
        *fraction = (int64_t)(((value - (double)*whole) * (double)UNITS + 0x1p52) - 0x1p52);
        if (*fraction == UNITS) *whole += 1, *fraction = 0;
        return 1;
    }
    double units = rint(value * (double)UNITS); /* scaling by a power of two is exact */
    double floored = floor(units / (double)UNITS);
    *whole = (int64_t)floored;
    *fraction = (int64_t)(units - floored * (double)UNITS);
    return 1;
}

#endif
