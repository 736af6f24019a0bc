/* The parser and the editor, alone, for tests/oracle/yaml_suite.py.
 *
 * parse   standard input is accepted (0) or rejected (1)
 * insert  adds `oakum-probe: 1` to each mapping in turn; for each a JSON line {"verified": bool, "text": the new text} */
#include <oakum/yaml.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct probe {
    struct oak_arena arena;
    struct oak_error err;
    oak_str text;
    oak_documents documents;
};

static void read_input(struct probe *p)
{
    struct oak_buf buf;
    char bytes[65536];
    size_t len;
    oak_buf_init(&buf, &p->arena);
    while ((len = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        oak_buf_add(&buf, (oak_str){ bytes, len });
    p->text = oak_buf_str(&buf);
}

static bool parse(struct probe *p)
{
    struct oak_index index;
    if (!oak_text_check(p->text, &p->err))
        return false;
    p->documents = oak_split(&p->arena, p->text);
    for (size_t i = 0; i < p->documents.count; i++) {
        const struct oak_document *const document = &p->documents.items[i];
        if (!oak_index_parse(&p->arena, p->text, document->span, &index, &p->err))
            return false;
    }
    return true;
}

static bool insert(struct probe *p, const struct oak_index *before, uint32_t node, oak_str *out)
{
    const struct oak_value value = { .kind = OAK_SCALAR, .type = OAK_TYPE_INT, .text = OAK_STR("1"),
                                     .key = OAK_STR("oakum-probe") };
    const struct oak_change change = { .op = OAK_ADD, .node = node, .value = &value };
    oak_edit_list edits = { 0 };
    struct oak_index after;
    if (oak_change_obstacle(before, &change) != NULL ||
        !oak_changes_to_edits(&p->arena, before, &change, 1, &edits, &p->err) ||
        !oak_edits_apply(&p->arena, p->text, edits.items, edits.count, out, &p->err))
        return false;
    const oak_span document = { before->document.start, before->document.end + out->len - p->text.len };
    return oak_text_check(*out, &p->err) && oak_index_parse(&p->arena, *out, document, &after, &p->err) &&
           oak_changes_verify(&p->arena, before, &after, &change, 1, &p->err);
}

static void print_result(bool is_verified, oak_str text)
{
    json_t *const line = json_object();
    json_object_set_new(line, "verified", json_boolean(is_verified));
    if (is_verified)
        json_object_set_new(line, "text", json_stringn(text.ptr, text.len));
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void insert_everywhere(struct probe *p, oak_span document)
{
    struct oak_index index;
    if (!oak_index_parse(&p->arena, p->text, document, &index, &p->err))
        return;
    for (uint32_t node = 1; node < index.count; node++) {
        oak_str text = p->text;
        if (index.nodes[node].kind != OAK_MAPPING)
            continue;
        const bool is_verified = insert(p, &index, node, &text);
        print_result(is_verified, text);
    }
}

static int run(struct probe *p, const char *command)
{
    read_input(p);
    if (!parse(p)) {
        fprintf(stderr, "%s\n", p->err.text);
        return 1;
    }
    for (size_t i = 0; strcmp(command, "insert") == 0 && i < p->documents.count; i++)
        if (!p->documents.items[i].is_empty)
            insert_everywhere(p, p->documents.items[i].span);
    return 0;
}

int main(int argc, char **argv)
{
    struct probe p = { .text = { "", 0 } };
    if (argc != 2 || (strcmp(argv[1], "parse") != 0 && strcmp(argv[1], "insert") != 0)) {
        fputs("usage: yaml-probe parse|insert\n", stderr);
        return 2;
    }
    oak_arena_init(&p.arena);
    const int status = run(&p, argv[1]);
    oak_arena_free(&p.arena);
    return status;
}
