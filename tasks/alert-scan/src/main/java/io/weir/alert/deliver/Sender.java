package io.weir.alert.deliver;

import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;

/** Tells a notice to one kind of channel. */
public interface Sender {

    Channel.Kind kind();

    /**
     * Returns when the other side has taken the notice.
     *
     * @return what it answered, for the delivery log: short, without secrets
     * @throws DeliveryException if it has not, or it is not known
     */
    String send(Notice notice, Channel channel) throws DeliveryException;
}
