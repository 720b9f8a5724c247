package io.weir.metadata.rule;

import tools.jackson.databind.json.JsonMapper;

/** How rules, and what is measured for them, are written in the database. */
public final class RuleJson {

    public static final JsonMapper MAPPER = JsonMapper.builder().build();

    private RuleJson() {}
}
