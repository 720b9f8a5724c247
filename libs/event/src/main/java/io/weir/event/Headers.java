package io.weir.event;

/** The names of the Kafka record headers that go with an event between the apps. Values are UTF-8 text. */
public final class Headers {

    /** {@code application/json} for an event, {@code text/plain; format=F} for a log line of format F. */
    public static final String CONTENT_TYPE = "content-type";

    /** Whose event it is: from the credential, never from the body. */
    public static final String TENANT = "weir-tenant";

    /** When it was received, in milliseconds since the epoch, decimal. */
    public static final String RECEIVED_AT = "weir-received-at";

    /** The request that brought it. */
    public static final String REQUEST_ID = "weir-request-id";

    /** The event's id: its own or the one that the source gave it. */
    public static final String ID = "weir-id";

    /** The {@code source} of an event that names none. */
    public static final String SOURCE = "weir-source";

    /** Which app refused it: {@code source}, {@code processor} or {@code sink}. */
    public static final String STAGE = "weir-stage";

    /** Why it was refused, as a {@link Reason} code. */
    public static final String REASON = "weir-reason";

    /** Why it was refused, for people. */
    public static final String DETAIL = "weir-detail";

    /** The field that is wrong, where it is one. */
    public static final String FIELD = "weir-field";

    /** The event's position in its request body, from 0. */
    public static final String POSITION = "weir-position";

    /** Where a dead letter came from: {@code topic-partition@offset}. */
    public static final String ORIGIN = "weir-origin";

    private Headers() {}
}
