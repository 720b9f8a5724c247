package io.weir.bench.books;

/** Receives what is read, one event at a time. The arrays are valid during the call only. */
interface Sighting {

    /** @param source empty if unknown */
    void seen(byte[] id, byte[] source, String topic, int partition, long offset);
}
