/**
 * The event contract: what an event is on the wire, how one is read and checked, how one is written, and how a request
 * body is cut into events. No dependencies; the readers and the writer allocate nothing per event once warm.
 */
@NullMarked
package io.weir.event;

import org.jspecify.annotations.NullMarked;
