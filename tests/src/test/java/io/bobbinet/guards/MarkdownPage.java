package io.bobbinet.guards;

import io.bobbinet.guards.Repository.TextFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of documentation: its Java blocks, links and headings. */
final class MarkdownPage {
    private static final Pattern FENCE = Pattern.compile("\\s*(`{3,}|~{3,})\\s*(\\w*).*");
    private static final Pattern MARK = Pattern.compile("\\s*<!--\\s*examples:\\s*(\\S+)\\s*-->\\s*");
    private static final Pattern LINK =
            Pattern.compile("!?\\[[^\\]]*]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");
    private static final Pattern REFERENCE = Pattern.compile("^\\s*\\[[^\\]]+]:\\s*<?(\\S+?)>?(?:\\s.*)?$");
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s+(.*?)\\s*#*");

    private final String path;
    private final List<JavaBlock> blocks = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final Set<String> anchors = new HashSet<>();

    /**
     * A fenced block of Java.
     *
     * @param line the line of its opening fence, from 1
     * @param example the region it shows, as {@code File.java#region}; empty if it is not marked
     * @param text what it shows
     */
    record JavaBlock(int line, String example, String text) {}

    /**
     * A link.
     *
     * @param line where it is, from 1
     * @param target where it goes
     */
    record Link(int line, String target) {}

    MarkdownPage(TextFile file) {
        this.path = file.path();
        read(file.text().lines().toList());
    }

    String path() {
        return path;
    }

    List<JavaBlock> blocks() {
        return blocks;
    }

    List<Link> links() {
        return links;
    }

    /** What a link may name after {@code #}, as GitHub makes it of headings. */
    Set<String> anchors() {
        return anchors;
    }

    private void read(List<String> lines) {
        Map<String, Integer> headings = new HashMap<>();
        String mark = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher fence = FENCE.matcher(line);
            Matcher marker = MARK.matcher(line);
            if (fence.matches()) {
                int end = endOfFence(lines, i, fence.group(1));
                if (fence.group(2).equals("java")) {
                    String text = String.join("\n", lines.subList(i + 1, end));
                    blocks.add(new JavaBlock(i + 1, mark, text.stripIndent().strip()));
                }
                mark = "";
                i = end;
            } else if (marker.matches()) {
                mark = marker.group(1);
            } else if (!line.isBlank()) {
                mark = "";
                readText(line, i + 1, headings);
            }
        }
    }

    private static int endOfFence(List<String> lines, int start, String fence) {
        for (int i = start + 1; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(fence)) {
                return i;
            }
        }
        return lines.size();
    }

    private void readText(String line, int number, Map<String, Integer> headings) {
        Matcher heading = HEADING.matcher(line);
        if (heading.matches()) {
            String anchor = anchor(heading.group(1));
            int before = headings.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        String withoutCode = line.replaceAll("`[^`]*`", "");
        Matcher link = LINK.matcher(withoutCode);
        while (link.find()) {
            links.add(new Link(number, link.group(1)));
        }
        Matcher reference = REFERENCE.matcher(withoutCode);
        if (reference.matches()) {
            links.add(new Link(number, reference.group(1)));
        }
    }

    private static String anchor(String heading) {
        return heading.replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                .strip()
                .replace(' ', '-');
    }
}
