package io.bobbinet.guards;

import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which of our classes a class mentions. */
final class References {
    private static final Pattern OURS = Pattern.compile("(?<![\\w/])L?(io/bobbinet/(?:\\w+/)*[A-Z][\\w$]*)");

    private References() {}

    /**
     * All classes of ours that a class mentions in any way: as type, in a signature, generic or not, in code or in an
     * annotation. Every one of them is a text in the constant pool.
     */
    static Set<String> of(ClassModel type) {
        Set<String> found = new TreeSet<>();
        for (PoolEntry entry : type.constantPool()) {
            if (entry instanceof Utf8Entry text) {
                find(text.stringValue(), found);
            }
        }
        found.remove(CompiledModule.name(type));
        return found;
    }

    /** The classes of ours in a descriptor, a generic signature or an internal name. */
    static Set<String> in(String text) {
        Set<String> found = new TreeSet<>();
        find(text, found);
        return found;
    }

    private static void find(String text, Set<String> found) {
        Matcher matcher = OURS.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1).replace('/', '.'));
        }
    }
}
