package io.weir.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of the schema: one statement, or several with a line {@code ;} between them. They must do no harm when they are run a
 * second time, since a crash may come between a statement and the record of the step.
 *
 * @param version from 1, without gaps
 * @param name the file's name
 * @param template the statements, with {@code ${database}}, {@code ${on_cluster}} and {@code ${replicated}}
 */
record Migration(int version, String name, String template) {

    private static final String FOLDER = "migrations/";
    private static final Pattern NAME = Pattern.compile("V0*(\\d+)__[a-z0-9_]+\\.sql");

    /** The names of the released migrations, in their order; a released one is never changed. */
    private static final List<String> RELEASED = List.of(
            "V001__events.sql",
            "V002__dead_letters.sql",
            "V003__sink_owners.sql",
            "V004__rollup_minute.sql",
            "V005__rollup_hour.sql",
            "V006__rollup_day.sql",
            "V007__rollup_year.sql",
            "V008__rollup_all.sql",
            "V009__rollup_ledger.sql",
            "V010__archive_manifest.sql",
            "V011__dead_letters_by_policy.sql",
            "V012__rollup_summaries.sql");

    static List<Migration> released() {
        List<Migration> migrations = new ArrayList<>();
        for (String file : RELEASED) {
            migrations.add(new Migration(migrations.size() + 1, file, resource(file)));
        }
        return migrations;
    }

    Migration {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) != version) {
            throw new IllegalArgumentException(name + " is not the name of migration " + version);
        }
    }

    /** SHA-256 of the template, so that it is the same on a cluster and on a single server. */
    String checksum() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(template.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> statements(WarehouseSettings settings) {
        String text = template.replace("${database}", settings.database())
                .replace("${on_cluster}", settings.onCluster())
                .replace("${replicated}", settings.replicated());
        return List.of(text.split("\n;\n"));
    }

    private static String resource(String file) {
        try (InputStream in = Migration.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("there is no migration " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
