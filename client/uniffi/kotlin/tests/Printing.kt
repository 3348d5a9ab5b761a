// Every type that an app gets or gives is made with canaries by reflection, and printed: none shows a canary.

import java.io.File
import java.lang.reflect.Constructor
import java.lang.reflect.Modifier
import java.lang.reflect.ParameterizedType
import java.lang.reflect.Type
import java.util.jar.JarFile
import rootcellar.*

private val CANARY = "legal-winner-canary".encodeToByteArray()
private val TRACES = listOf(CANARY.decodeToString(), CANARY.take(4).joinToString(), CANARY.joinToString("") { "%02x".format(it) })

/** Every class of the bindings in the JAR. */
private fun classes(): List<Class<*>> {
    val jar = File(Entry::class.java.protectionDomain.codeSource.location.toURI())
    val names = JarFile(jar).use { file -> file.entries().toList().map { it.name } }
    val own = names.filter { it.startsWith("rootcellar/") && it.endsWith(".class") }
    return own.map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, Entry::class.java.classLoader) }
}

/** Data classes have `component1` and `copy`. */
private fun isData(kind: Class<*>): Boolean =
    kind.declaredMethods.any { it.name.startsWith("component1") } && kind.declaredMethods.any { it.name.startsWith("copy") }

/** The constructor with a parameter for each field; what the compiler adds for defaults and unsigned numbers has a marker. */
private fun constructor(kind: Class<*>): Constructor<*> =
    kind.declaredConstructors.filter { made -> made.parameterTypes.none { it.simpleName == "DefaultConstructorMarker" } }
        .maxBy { it.parameterCount }

private fun value(type: Type): Any? = when {
    type is ParameterizedType && type.rawType == java.util.List::class.java -> listOf(value(bound(type.actualTypeArguments[0])))
    type is ParameterizedType -> value(type.rawType)
    type !is Class<*> -> error("no value of $type")
    type == ByteArray::class.java -> CANARY.copyOf()
    type == String::class.java -> ""
    type == Boolean::class.java || type == java.lang.Boolean::class.java -> false
    type == Int::class.java -> 0
    type == Long::class.java -> 0L
    type == Short::class.java -> 0.toShort()
    type == Double::class.java -> 0.0
    type.isEnum -> type.enumConstants.first()
    // Nullable unsigned numbers are objects, which hold no bytes.
    type.name.startsWith("kotlin.U") -> null
    Modifier.isAbstract(type.modifiers) -> value(type.declaredClasses.first { isData(it) })
    else -> make(type)
}

private fun bound(type: Type): Type = if (type is java.lang.reflect.WildcardType) type.upperBounds.single() else type

private fun make(kind: Class<*>): Any {
    val constructor = constructor(kind).apply { isAccessible = true }
    return constructor.newInstance(*constructor.genericParameterTypes.map { value(it) }.toTypedArray())
}

private fun holdsSecret(thing: Any?): Boolean = when (thing) {
    null -> false
    is ByteArray -> true
    is List<*> -> thing.any { holdsSecret(it) }
    else -> thing.javaClass.name.startsWith("rootcellar.") && !thing.javaClass.isEnum &&
        thing.javaClass.declaredFields.filter { !Modifier.isStatic(it.modifiers) }
            .any { it.isAccessible = true; holdsSecret(it.get(thing)) }
}

suspend fun everyTypePrintsWithoutItsSecrets() {
    val (holders, plain) = classes().filter { isData(it) }.map { make(it) }.partition { holdsSecret(it) }
    for (thing in holders + plain) {
        for (text in listOf(thing.toString(), "$thing", "${listOf(thing)}", "${mapOf("it" to thing)}", "${Result.success(thing)}")) {
            check(TRACES.none { it in text }) { "${thing.javaClass.name} prints a secret" }
        }
    }
    fun names(things: List<Any>) = things.map { it.javaClass.name.removePrefix("rootcellar.") }.toSet()
    val expected = setOf("Change", "Entry", "NewEntry", "Secret\$Phrase", "Secret\$Seed", "Secret\$Text")
    check(names(holders).containsAll(expected)) { "found only ${names(holders)}" }
    check(names(plain).containsAll(setOf("Item", "Overview", "Device"))) { "found only ${names(plain)}" }
    check(holders.all { it.toString().endsWith("(...)") })
    // With a message, as in a crash report.
    check(TRACES.none { it in IllegalStateException("${make(Entry::class.java)}").stackTraceToString() })
}
