package io.weir.console.requests;

import io.weir.console.access.Caller;
import io.weir.console.api.ClientConnection;
import io.weir.console.query.Answer;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Queries;
import io.weir.console.query.Query;
import io.weir.console.query.QueryReader;
import io.weir.warehouse.rollup.Rollup.Subject;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A query about requests that is put together from what a route takes; what is wrong is said in the words of the route. */
final class RequestQuery {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final QueryReader reader;
    private final Map<String, Object> document;
    private final Map<String, String> names = new HashMap<>();

    /** @param document in the query language; of events of type request it is made here */
    RequestQuery(QueryReader reader, Map<String, Object> document) {
        this.reader = reader;
        this.document = document;
    }

    /** What a member of the query language is called here, or an element of one: {@code group_by/0}. */
    RequestQuery naming(String member, String name) {
        names.put(member, name);
        return this;
    }

    Query read(Caller caller) {
        try {
            Query query = reader.read(MAPPER.valueToTree(document), caller).query();
            if (query.subject() != Subject.EVENTS) {
                throw new InvalidQueryException("/select", "requests have no measurements: see /api/v1/devices");
            }
            return query.ofType("request");
        } catch (InvalidQueryException e) {
            throw new InvalidQueryException(named(e.pointer()), String.valueOf(e.getMessage()));
        }
    }

    private String named(String pointer) {
        for (Map.Entry<String, String> name : names.entrySet()) {
            String member = "/" + name.getKey();
            if (pointer.equals(member) || pointer.startsWith(member + "/")) {
                return "/" + name.getValue() + pointer.substring(member.length());
            }
        }
        return pointer;
    }

    Answer answer(Queries queries, Caller caller, ClientConnection connection) {
        return queries.answer(caller, read(caller), connection::isClosed);
    }
}
