package cn.kaiban.examples;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a result that fits a step's schema. Your own system knows the real values; this only shows their shape. */
final class Results {
    private static final Value NOTHING = Value.getDefaultInstance();
    /** Numbers of licences and accounts: letters, then so many of a class of characters. */
    private static final Pattern NUMBER = Pattern.compile("\\^(\\w*)\\[(\\w).*]\\{(\\d+)(?:,\\d+)?}\\$");

    private Results() {}

    /** The result of a step: what the form asks for where the names agree, else the plainest value that fits. */
    static Struct make(String step, Struct schema, Struct shared, LocalDate today) {
        Struct form = shared.getFieldsOrDefault("form", NOTHING).getStructValue();
        Struct asked = form.getFieldsOrDefault(step.replace('-', '_'), NOTHING).getStructValue();
        if (step.equals("invoices")) {
            boolean paper = asked.getFieldsOrDefault("paper", NOTHING).getBoolValue();
            asked = asked.toBuilder().putFields("medium", text(paper ? "paper" : "digital")).build();
        }
        return value(schema, Value.newBuilder().setStructValue(asked).build(), today).getStructValue();
    }

    /** A value that fits a JSON Schema, as far as results use it. */
    private static Value value(Struct schema, Value asked, LocalDate today) {
        Map<String, Value> rules = schema.getFieldsMap();
        String kind = rules.getOrDefault("type", NOTHING).getStringValue();
        if (kind.equals("object")) {
            Map<String, Value> properties = rules.getOrDefault("properties", NOTHING).getStructValue().getFieldsMap();
            Map<String, Value> known = asked.getStructValue().getFieldsMap();
            Set<String> wanted = new LinkedHashSet<>(known.keySet());
            for (Value name : rules.getOrDefault("required", NOTHING).getListValue().getValuesList()) {
                wanted.add(name.getStringValue());
            }
            wanted.retainAll(properties.keySet());
            Struct.Builder object = Struct.newBuilder();
            for (String name : wanted) {
                Struct rule = properties.get(name).getStructValue();
                object.putFields(name, value(rule, known.getOrDefault(name, NOTHING), today));
            }
            return Value.newBuilder().setStructValue(object).build();
        }
        if (asked.getKindCase() != Value.KindCase.KIND_NOT_SET) {
            return asked;
        }
        if (rules.containsKey("const")) {
            return rules.get("const");
        }
        if (rules.containsKey("enum")) {
            return rules.get("enum").getListValue().getValues(0);
        }
        switch (kind) {
            case "array":
                ListValue.Builder list = ListValue.newBuilder();
                for (int nth = 0; nth < rules.getOrDefault("minItems", NOTHING).getNumberValue(); nth++) {
                    list.addValues(value(rules.get("items").getStructValue(), NOTHING, today));
                }
                return Value.newBuilder().setListValue(list).build();
            case "integer":
            case "number":
                double least = rules.getOrDefault("minimum", NOTHING).getNumberValue();
                return Value.newBuilder().setNumberValue(least).build();
            case "boolean":
                return Value.newBuilder().setBoolValue(true).build();
            default:
                return text(plain(rules, today));
        }
    }

    private static String plain(Map<String, Value> rules, LocalDate today) {
        if (rules.getOrDefault("format", NOTHING).getStringValue().equals("date")) {
            return today.toString();
        }
        Matcher number = NUMBER.matcher(rules.getOrDefault("pattern", NOTHING).getStringValue());
        if (number.matches()) {
            return number.group(1) + number.group(2).repeat(Integer.parseInt(number.group(3)));
        }
        int least = (int) rules.getOrDefault("minLength", NOTHING).getNumberValue();
        return "办结" + "。".repeat(Math.max(0, least - 2));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
