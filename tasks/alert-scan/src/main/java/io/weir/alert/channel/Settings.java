package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.rule.RuleJson;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A channel's settings, read with errors that name the field. */
final class Settings {

    private final Channel channel;
    private final JsonNode json;

    private Settings(Channel channel, JsonNode json) {
        this.channel = channel;
        this.json = json;
    }

    static Settings of(Channel channel) throws DeliveryException {
        try {
            return new Settings(channel, RuleJson.MAPPER.readTree(channel.settings()));
        } catch (JacksonException e) {
            throw DeliveryException.refused("settings of channel " + channel.name() + " are not JSON");
        }
    }

    String text(String name) throws DeliveryException {
        String value = text(name, "");
        if (value.isBlank()) {
            throw DeliveryException.refused("settings." + name + " of channel " + channel.name() + " is missing");
        }
        return value;
    }

    String text(String name, String otherwise) {
        JsonNode value = json.get(name);
        return value == null || !value.isString() ? otherwise : value.asString();
    }

    /** At least one. */
    List<String> texts(String name) throws DeliveryException {
        List<String> texts = new ArrayList<>();
        JsonNode values = json.get(name);
        if (values != null) {
            values.forEach(value -> texts.add(value.asString()));
        }
        if (texts.isEmpty()) {
            throw DeliveryException.refused("settings." + name + " of channel " + channel.name() + " is missing");
        }
        return texts;
    }
}
