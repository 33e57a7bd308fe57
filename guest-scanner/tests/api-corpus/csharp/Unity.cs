using UnityEngine.Networking;

public class Scores : MonoBehaviour
{
    [SerializeField] private string server = "https://scores.example.com";

    IEnumerator Load(string level)
    {
        using (UnityWebRequest www = UnityWebRequest.Get(server + "/top/" + level))
        {
            yield return www.SendWebRequest();
        }
    }

    IEnumerator Save(WWWForm form)
    {
        UnityWebRequest www = UnityWebRequest.Post("https://scores.example.com/save", form);
        yield return www.SendWebRequest();
    }
}
