package io.weir.alert.deliver;

import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.ChannelSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the settings of channels refer to as {@code file:NAME}: the file of that name in the tenant's folder, so that no tenant
 * can have another's secret sent anywhere. A line break at its end is left out.
 */
public final class SecretFiles {

    private static final int LONGEST = 8192;

    private final @Nullable Path folder;

    /** @param folder holds a folder for each tenant; empty: references are refused */
    public SecretFiles(String folder) {
        this.folder = folder.isBlank() ? null : Path.of(folder);
    }

    /** The channel with secrets in place of references. */
    Channel filledIn(Channel channel) throws DeliveryException {
        try {
            ChannelSettings settings = ChannelSettings.of(channel);
            return channel.withSettings(settings.withFiles(name -> content(channel.tenant(), name)));
        } catch (IllegalArgumentException e) {
            throw DeliveryException.failed(String.valueOf(e.getMessage()));
        }
    }

    private String content(String tenant, String name) {
        if (folder == null) {
            throw new IllegalArgumentException(
                    "file:" + name + " cannot be read: weir.alert.secrets-folder is not set");
        }
        if (!ChannelSettings.isFileName(name) || !ChannelSettings.isFileName(tenant)) {
            throw new IllegalArgumentException("file:" + name + " is not the name of a file");
        }
        try {
            Path file = folder.resolve(tenant).resolve(name);
            if (Files.size(file) > LONGEST) {
                throw new IllegalArgumentException("file:" + name + " is longer than " + LONGEST + " bytes");
            }
            return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "file:" + name + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}
