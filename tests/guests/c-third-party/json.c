#include "json.h"

#include <stdlib.h>
#include <string.h>

/* request.json has lists of objects; a file that is deeper is none of the worker's. */
enum { DEPTH_MAX = 16 };

char json_peek(struct json *json) {
    while (!json->failed && json->at < json->end && strchr(" \t\r\n", *json->at) != NULL)
        json->at++;
    return json->failed || json->at >= json->end ? 0 : *json->at;
}

bool json_take(struct json *json, char letter, bool must) {
    if (json_peek(json) == letter) {
        json->at++;
        return true;
    }
    json->failed |= must;
    return false;
}

static unsigned hex4(struct json *json) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        char letter = json->at < json->end ? *json->at++ : 0;
        const char *digit = letter == 0 ? NULL : strchr(digits, letter >= 'A' && letter <= 'F' ? letter + 32 : letter);
        json->failed |= digit == NULL;
        value = value * 16 + (digit == NULL ? 0 : (unsigned)(digit - digits));
    }
    return value;
}

static char *utf8(char *to, unsigned point) {
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xc0 | point >> 6);
        *to++ = (char)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *to++ = (char)(0xe0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
        *to++ = (char)(0x80 | (point & 0x3f));
    } else {
        *to++ = (char)(0xf0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 0x3f));
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
        *to++ = (char)(0x80 | (point & 0x3f));
    }
    return to;
}

static char *escape(struct json *json, char *to) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char letter = json->at < json->end ? *json->at++ : 0;
    const char *known = letter == 0 ? NULL : strchr(from, letter);
    if (known != NULL) {
        *to++ = into[known - from];
        return to;
    }
    if (letter != 'u') {
        json->failed = true;
        return to;
    }
    unsigned point = hex4(json);
    bool is_half = point >= 0xd800 && point < 0xdc00;
    if (is_half && json->end - json->at > 6 && json->at[0] == '\\' && json->at[1] == 'u') {
        json->at += 2;
        point = 0x10000 + ((point - 0xd800) << 10) + (hex4(json) - 0xdc00);
    }
    /* A NUL would cut the string short. */
    json->failed |= point == 0 || point > 0x10ffff;
    return json->failed ? to : utf8(to, point);
}

char *json_string(struct json *json) {
    if (!json_take(json, '"', true))
        return NULL;
    const char *close = json->at;
    while (close < json->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= json->end) {
        json->failed = true;
        return NULL;
    }
    /* Decoding makes nothing longer. */
    char *text = malloc((size_t)(close - json->at) + 1), *to = text;
    if (text == NULL) {
        json->failed = true;
        return NULL;
    }
    while (!json->failed && json->at < close) {
        if (*json->at == '\\') {
            json->at++;
            to = escape(json, to);
        } else {
            *to++ = *json->at++;
        }
    }
    *to = 0;
    json->at = close + 1;
    return text;
}

unsigned long long json_number(struct json *json) {
    char first = json_peek(json);
    json->failed |= first < '0' || first > '9';
    unsigned long long value = 0;
    while (!json->failed && json->at < json->end && *json->at >= '0' && *json->at <= '9')
        value = value * 10 + (unsigned)(*json->at++ - '0');
    return value;
}

static void skip(struct json *json, int depth) {
    json->failed |= depth > DEPTH_MAX;
    char first = json_peek(json);
    if (first == '"') {
        free(json_string(json));
    } else if (first == '{' || first == '[') {
        char last = first == '{' ? '}' : ']';
        json->at++;
        while (!json->failed && !json_take(json, last, false)) {
            skip(json, depth + 1);
            (void)(json_take(json, ':', false) || json_take(json, ',', false));
        }
    } else {
        const char *begin = json->at;
        while (json->at < json->end && strchr(",]} \t\r\n", *json->at) == NULL)
            json->at++;
        json->failed |= json->at == begin;
    }
}

void json_skip(struct json *json) { skip(json, 0); }

void json_write(FILE *out, const char *text) {
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}
